package io.voiceprint.bench;

import io.voiceprint.EncoderOptions;
import io.voiceprint.Engines;
import io.voiceprint.engine.DeviceLimits;
import io.voiceprint.engine.Engine;
import io.voiceprint.engine.EngineException;
import io.voiceprint.frontend.FbankOptions;
import io.voiceprint.frontend.Features;
import io.voiceprint.graph.Activation;
import io.voiceprint.graph.Graph;
import io.voiceprint.graph.GraphBuilder;
import io.voiceprint.graph.GraphCost;
import io.voiceprint.graph.Node;
import io.voiceprint.graph.Shape.FeatureMap;
import io.voiceprint.graph.Statistics;
import io.voiceprint.graph.Tensor;
import io.voiceprint.graph.Value;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * The most that an engine reaches on this device in wide convolutions, whose weights are used many
 * times: what a network's rate is held against, measured rather than read in a data sheet. A kernel
 * that the engine does not have could be faster still.
 *
 * @param gflopPerSecond of the fastest one
 * @param how which one that was
 * @param device what its memory and its launches allow, measured by the engine; empty where that
 *     does not measure it
 */
record Ceiling(double gflopPerSecond, String how, Optional<DeviceLimits> device) {
  private static final System.Logger LOG = System.getLogger(Ceiling.class.getName());

  private static final int MEL_BINS = 80;
  private static final int STEM_CHANNELS = 32;
  private static final int[] CHANNELS = {128, 256, 512};
  private static final int SHORTEST = 8;
  private static final int LONGEST = 8192;

  /** A pass must be long beside what a launch costs, and short beside a person's patience. */
  private static final long LONG_ENOUGH_NANOS = 60_000_000;

  /** For how long to look for the fastest pass. */
  private static final long SEARCH_NANOS = 1_500_000_000;

  private static final long SEED = 7;

  /** Measures; takes seconds. */
  static Ceiling measure(EncoderOptions options) {
    Graph graph = wideConvolutions();
    FbankOptions frontEnd = FbankOptions.speaker(MEL_BINS);
    try (Engine engine = Engines.open(graph, frontEnd, options)) {
      int frames = SHORTEST;
      while (2 * frames <= Math.min(LONGEST, engine.maxFrames())
          && passNanos(engine, frames) < LONG_ENOUGH_NANOS) {
        frames *= 2;
      }
      return fastest(engine, graph, frames).with(limits(engine));
    }
  }

  /** The ceiling of arithmetic is worth having without the others. */
  private static Optional<DeviceLimits> limits(Engine engine) {
    try {
      return engine.measureLimits();
    } catch (EngineException e) {
      LOG.log(
          System.Logger.Level.WARNING,
          "the ceilings of memory and launches were not measured: {0}",
          e.getMessage());
      return Optional.empty();
    }
  }

  private Ceiling with(Optional<DeviceLimits> limits) {
    return new Ceiling(gflopPerSecond, how, limits);
  }

  private static long passNanos(Engine engine, int frames) {
    long least = Long.MAX_VALUE;
    for (int i = 0; i < 2; i++) { // The first one prepares the shape.
      long nanos = 0;
      for (long node : engine.nodeNanos(features(frames))) {
        nanos += node;
      }
      least = Math.min(least, nanos);
    }
    return least;
  }

  private static Ceiling fastest(Engine engine, Graph graph, int frames) {
    Features features = features(frames);
    Ceiling best = new Ceiling(0, "", Optional.empty());
    long begin = System.nanoTime();
    do {
      long[] nanos = engine.nodeNanos(features);
      for (Node node : graph.nodes()) {
        long time = nanos[node.output().id()];
        if (node instanceof Node.Conv2d conv && time > 0) {
          double rate = (double) GraphCost.flop(node, frames) / time;
          best =
              rate > best.gflopPerSecond
                  ? new Ceiling(rate, how(conv, frames), Optional.empty())
                  : best;
        }
      }
    } while (System.nanoTime() - begin < SEARCH_NANOS);
    return best;
  }

  private static String how(Node.Conv2d conv, int frames) {
    FeatureMap out = conv.output().map();
    return "convolution %dx%d, %d to %d channels, on %d x %d, the fastest of %d in this engine"
        .formatted(
            conv.kernelF(),
            conv.kernelT(),
            conv.inChannels(),
            conv.outChannels(),
            out.frequency(),
            out.time(frames),
            2 * CHANNELS.length);
  }

  /**
   * For every width a 3x3 and a 1x1 convolution, behind one that gets there; and before them all a
   * stem, since engines read features in no other way.
   */
  static Graph wideConvolutions() {
    SplittableRandom random = new SplittableRandom(SEED);
    GraphBuilder builder = new GraphBuilder(MEL_BINS);
    Value value = convolution(builder, "stem", builder.input(), STEM_CHANNELS, 3, 1, random);
    for (int channels : CHANNELS) {
      value = convolution(builder, "to" + channels, value, channels, 3, 2, random);
      value = convolution(builder, "conv3x3_" + channels, value, channels, 3, 1, random);
      value = convolution(builder, "conv1x1_" + channels, value, channels, 1, 1, random);
    }
    Value pooled =
        builder.pool("pool", value, Statistics.MEAN, Node.StatisticsPooling.TSTP_EPSILON);
    int size = pooled.vector().size();
    builder.linear(
        "linear",
        pooled,
        Tensor.of(new float[size], 1, size),
        Tensor.of(new float[1], 1),
        Activation.NONE);
    return builder.build();
  }

  private static Value convolution(
      GraphBuilder builder,
      String name,
      Value input,
      int channels,
      int kernel,
      int stride,
      SplittableRandom random) {
    int in = input.map().channels();
    float[] weight = new float[channels * in * kernel * kernel];
    double scale = Math.sqrt(3.0 / (in * kernel * kernel));
    for (int i = 0; i < weight.length; i++) {
      weight[i] = (float) random.nextDouble(-scale, scale);
    }
    return builder.conv(
        name,
        input,
        Tensor.of(weight, channels, in, kernel, kernel),
        Tensor.of(new float[channels], channels),
        stride,
        Activation.NONE);
  }

  private static Features features(int frames) {
    SplittableRandom random = new SplittableRandom(SEED);
    float[] data = new float[frames * MEL_BINS];
    for (int i = 0; i < data.length; i++) {
      data[i] = (float) random.nextDouble(-3, 3);
    }
    return new Features(frames, MEL_BINS, data);
  }
}
