package io.voiceprint.engine.cuda;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.voiceprint.cuda.CudaDevice;
import io.voiceprint.engine.Precision;
import io.voiceprint.engine.RoundedReference;
import io.voiceprint.frontend.FbankOptions;
import io.voiceprint.frontend.Features;
import io.voiceprint.graph.Graph;
import io.voiceprint.graph.Node;
import io.voiceprint.model.SpeakerModel;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;

/**
 * Engines on the device that tests run on: the software device unless a GPU was asked for. Without
 * one a test is skipped with the reason, or fails with {@code -Drequire.cuda=true}.
 */
final class TestEngines {
  private TestEngines() {}

  static CudaDevice device() {
    CudaEngines.Availability found = CudaEngines.probe();
    if (Boolean.getBoolean("require.cuda")) {
      assertTrue(found.isAvailable(), () -> String.join("; ", found.reasons()));
    }
    assumeTrue(found.isAvailable(), () -> String.join("; ", found.reasons()));
    return found.devices().get(0);
  }

  /** Whether the device is the software one, on which a second of speech takes a second. */
  static boolean isSlow() {
    return device().isSoftware();
  }

  static CudaEngine open(SpeakerModel model, Precision precision, int lanes) {
    return open(model.graph(), model.frontEnd(), precision, lanes);
  }

  static CudaEngine open(Graph graph, FbankOptions frontEnd, Precision precision, int lanes) {
    return CudaEngine.open(
        device(), graph, frontEnd, precision, lanes, forced(graph, frontEnd, precision));
  }

  static CudaEngine open(SpeakerModel model, int lanes, Tuning tuning, long mostBytes) {
    return CudaEngine.open(
        device(), model.graph(), model.frontEnd(), precision(), lanes, tuning, mostBytes);
  }

  /** What {@link #open} takes, for tests that open engines in ways of their own. */
  static Tuning tuning(SpeakerModel model, Precision precision) {
    return forced(model.graph(), model.frontEnd(), precision);
  }

  /**
   * What tests compute in that compare an engine with itself alone: fp32, or what {@code
   * -Dcuda.precision=fp16} names. What multiplies on tensor cores can be forced in tf32 and fp16
   * only.
   */
  static Precision precision() {
    return Precision.valueOf(System.getProperty("cuda.precision", "fp32").toUpperCase(Locale.ROOT));
  }

  /**
   * Without the property {@code cuda.force} the usual plan. It names candidates by how their names
   * begin, with commas between them, the most wanted first: {@code -Dcuda.force=block-,fused-mma}.
   * The test is skipped if no layer has one, as it would be of the usual plan.
   */
  private static Tuning forced(Graph graph, FbankOptions frontEnd, Precision precision) {
    String wanted = System.getProperty("cuda.force", "");
    if (wanted.isEmpty() || precision == Precision.BF16) {
      return Tuning.NONE;
    }
    try (Tuner tuner = new Tuner(device(), graph, frontEnd, precision)) {
      Tuning forced = Tuning.forcing(tuner.choices(true), List.of(wanted.split(",")));
      assumeFalse(
          forced.choices().isEmpty(), () -> "no layer has " + wanted + " in " + precision.name());
      return forced;
    }
  }

  /**
   * The reference that rounds where the plan of {@link #open} does. What a library multiplies it
   * stores in the format of activations, which in fp16 rounds it, before our kernel adds bias and
   * residual; our own kernels do all that on the sums. In tf32 products are stored in float32.
   */
  static RoundedReference rounding(SpeakerModel model, Precision precision) {
    Graph graph = model.graph();
    Tuning tuning = tuning(model, precision);
    Set<String> products = new HashSet<>();
    if (precision == Precision.FP16 && !tuning.choices().isEmpty()) {
      try (Tuner tuner = new Tuner(device(), graph, model.frontEnd(), precision)) {
        for (Node node : graph.nodes()) {
          if (node instanceof Node.Conv2d
              && tuner
                  .layer(node)
                  .flatMap(tuning::choice)
                  .filter(ConvImplementations::isLibrary)
                  .isPresent()) {
            products.add(node.name());
          }
        }
      }
    }
    return new RoundedReference(model, precision, products);
  }

  static Features features(int frames, Random random) {
    float[] data = new float[frames * 80];
    for (int i = 0; i < data.length; i++) {
      data[i] = (float) (3 * random.nextGaussian());
    }
    return new Features(frames, 80, data);
  }

  static float[] samples(int count, Random random) {
    float[] samples = new float[count];
    for (int i = 0; i < count; i++) {
      samples[i] = (float) (0.3 * Math.sin(i * 0.05) + 0.1 * random.nextGaussian());
    }
    return samples;
  }

  /** Samples rounded to 16 bits. */
  static short[] integers(float[] samples) {
    short[] integers = new short[samples.length];
    for (int i = 0; i < samples.length; i++) {
      integers[i] = (short) Math.round(samples[i] * 32767);
    }
    return integers;
  }
}
