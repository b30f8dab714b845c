package io.voiceprint.jmh;

import io.voiceprint.Device;
import io.voiceprint.EncoderOptions;
import io.voiceprint.Engines;
import io.voiceprint.bench.SeededNetwork;
import io.voiceprint.engine.Engine;
import io.voiceprint.frontend.Features;
import io.voiceprint.model.SpeakerModel;
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

/** The two halves of an engine's work, for one clip: features, and the network behind them. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class EngineBenchmark {
  @Param({"CPU", "REFERENCE"})
  private Device device;

  @Param("3")
  private double seconds;

  private float[] samples;
  private Features features;
  private Engine engine;

  /** Opens the base network with seeded weights. */
  @Setup
  public void open() {
    SpeakerModel model = SeededNetwork.ERES2NET_BASE.build();
    EncoderOptions options = EncoderOptions.DEFAULTS.withDevice(device);
    engine = Engines.open(model.graph(), model.frontEnd(), options);
    samples = Noise.of(seconds, model.frontEnd().sampleRate());
    features = engine.features(samples);
  }

  /** Frees the device. */
  @TearDown
  public void close() {
    engine.close();
  }

  /** Log-mel filter bank with the mean subtracted. */
  @Benchmark
  public Features fbank() {
    return engine.features(samples);
  }

  /** The embedding of features. */
  @Benchmark
  public List<float[]> network() {
    return engine.embedFeatures(List.of(features));
  }
}
