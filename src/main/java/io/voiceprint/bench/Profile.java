package io.voiceprint.bench;

import io.voiceprint.EncoderOptions;
import io.voiceprint.Engines;
import io.voiceprint.audio.PcmAudio;
import io.voiceprint.engine.Engine;
import io.voiceprint.engine.NodeWork;
import io.voiceprint.engine.Precision;
import io.voiceprint.frontend.Features;
import io.voiceprint.graph.Node;
import io.voiceprint.model.SpeakerModel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Where the time of one clip goes.
 *
 * @param frames of the clip
 * @param passes of whose times the median is taken, for each layer by itself
 * @param layers in order of execution
 * @param passMs a pass as any call makes it, from features to embedding, median of as many; on a
 *     GPU that is another thing than all layers, see {@link Engine#nodeTiming}
 * @param timing how layers are timed where that is another way than in a pass; else empty
 */
record Profile(int frames, int passes, List<Layer> layers, double passMs, String timing) {
  private static final int WARM_UP_PASSES = 3;
  private static final int MAX_PASSES = 200;

  Profile {
    layers = List.copyOf(layers);
  }

  /**
   * Runs a clip until time is up.
   *
   * @param nanos to go on for; 3 passes at least
   */
  static Profile measure(SpeakerModel model, EncoderOptions options, PcmAudio clip, long nanos) {
    try (Engine engine = Engines.open(model.graph(), model.frontEnd(), options)) {
      Features features = engine.features(clip.samples());
      for (int i = 0; i < WARM_UP_PASSES; i++) {
        long[] unused = engine.nodeNanos(features);
        List<float[]> unusedEmbeddings = engine.embedFeatures(List.of(features));
      }
      engine.passForProfiler(clip);
      List<long[]> passes = new ArrayList<>();
      List<Long> whole = new ArrayList<>();
      long begin = System.nanoTime();
      while (passes.size() < 3
          || (System.nanoTime() - begin < nanos && passes.size() < MAX_PASSES)) {
        passes.add(engine.nodeNanos(features));
        long start = System.nanoTime();
        List<float[]> unusedEmbeddings = engine.embedFeatures(List.of(features));
        whole.add(System.nanoTime() - start);
      }
      return new Profile(
          features.frames(),
          passes.size(),
          layers(model, engine.precision(), features.frames(), passes, engine.nodeWork(features)),
          medianMs(whole.stream().mapToLong(Long::longValue).toArray()),
          engine.nodeTiming());
    }
  }

  private static List<Layer> layers(
      SpeakerModel model,
      Precision precision,
      int frames,
      List<long[]> passes,
      List<NodeWork> work) {
    List<Layer> layers = new ArrayList<>();
    for (Node node : model.graph().nodes()) {
      int step = node.output().id();
      long[] times = passes.stream().mapToLong(pass -> pass[step]).toArray();
      Optional<NodeWork> counted = work.isEmpty() ? Optional.empty() : Optional.of(work.get(step));
      layers.add(Layer.of(node, frames, elementBytes(precision), medianMs(times), counted));
    }
    return layers;
  }

  /** Of nanoseconds. */
  private static double medianMs(long... times) {
    Arrays.sort(times);
    return times[times.length / 2] * 1e-6;
  }

  private static int elementBytes(Precision precision) {
    return switch (precision) {
      case FP32, TF32 -> 4;
      case FP16, BF16 -> 2;
    };
  }

  /** Launches of a pass; 0 where the engine does not count them. */
  int launches() {
    return layers.stream().mapToInt(Layer::launches).sum();
  }

  double totalMs() {
    return layers.stream().mapToDouble(Layer::ms).sum();
  }

  /** Layers of one kind as if they were one, those that take longest first. */
  List<Layer> families() {
    Map<String, Layer> families = new LinkedHashMap<>();
    for (Layer layer : layers) {
      families.merge(
          layer.family(),
          new Layer(
              layer.family(),
              layer.family(),
              "",
              layer.ms(),
              layer.flop(),
              layer.bytes(),
              layer.launches()),
          (a, b) ->
              new Layer(
                  a.name(),
                  a.kind(),
                  "",
                  a.ms() + b.ms(),
                  a.flop() + b.flop(),
                  a.bytes() + b.bytes(),
                  a.launches() + b.launches()));
    }
    return families.values().stream()
        .filter(Layer::isTimed)
        .sorted((a, b) -> Double.compare(b.ms(), a.ms()))
        .toList();
  }
}
