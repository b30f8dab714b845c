package io.voiceprint.jmh;

import io.voiceprint.Device;
import io.voiceprint.EncoderOptions;
import io.voiceprint.Engines;
import io.voiceprint.engine.Engine;
import io.voiceprint.frontend.FbankOptions;
import io.voiceprint.frontend.Features;
import io.voiceprint.graph.Activation;
import io.voiceprint.graph.Graph;
import io.voiceprint.graph.GraphBuilder;
import io.voiceprint.graph.Node;
import io.voiceprint.graph.Statistics;
import io.voiceprint.graph.Tensor;
import io.voiceprint.graph.Value;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * One convolution between a stem that makes its input and a pooling that takes its output; {@code
 * none} leaves it out, so that the difference is the convolution.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class EngineStepBenchmark {
  private static final int MEL_BINS = 80;
  private static final int FRAMES = 298;

  @Param({"CPU"})
  private Device device;

  @Param({"none", "1", "3"})
  private String kernel;

  @Param({"32", "128"})
  private int channels;

  private Engine engine;
  private List<Features> features;

  /** Opens the engine. */
  @Setup
  public void open() {
    EncoderOptions options = EncoderOptions.DEFAULTS.withDevice(device);
    FbankOptions frontEnd = FbankOptions.speaker(MEL_BINS);
    engine = Engines.open(graph(), frontEnd, options);
    float[] samples = Noise.of(FRAMES * 0.01 + 0.015, frontEnd.sampleRate());
    features = List.of(engine.features(samples));
  }

  private Graph graph() {
    GraphBuilder builder = new GraphBuilder(MEL_BINS);
    Value value = convolution(builder, "stem", builder.input(), 3, 2);
    if (!kernel.equals("none")) {
      value = convolution(builder, "conv", value, Integer.parseInt(kernel), 1);
    }
    Value pooled = builder.pool("pool", value, Statistics.MEAN, Node.StatisticsPooling.TSTP_EPSILON);
    int size = pooled.vector().size();
    builder.linear("linear", pooled, filled(1, size), filled(1), Activation.NONE);
    return builder.build();
  }

  private Value convolution(
      GraphBuilder builder, String name, Value input, int kernel, int stride) {
    Tensor weight = filled(channels, input.map().channels(), kernel, kernel);
    return builder.conv(name, input, weight, filled(channels), stride, Activation.RELU20);
  }

  private static Tensor filled(int... shape) {
    float[] data = new float[Arrays.stream(shape).reduce(1, Math::multiplyExact)];
    Arrays.fill(data, 0.01f);
    return Tensor.of(data, shape);
  }

  /** Frees the device. */
  @TearDown
  public void close() {
    engine.close();
  }

  /** Stem, convolution, pooling. */
  @Benchmark
  public List<float[]> step() {
    return engine.embedFeatures(features);
  }
}
