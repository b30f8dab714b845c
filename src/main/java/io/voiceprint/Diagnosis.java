package io.voiceprint;

import io.voiceprint.engine.Engine;
import io.voiceprint.engine.EngineException;
import io.voiceprint.engine.Precision;
import io.voiceprint.engine.cuda.CudaDiagnosis;
import io.voiceprint.engine.cuda.CudaEngines;
import io.voiceprint.engine.reference.ReferenceEngine;
import io.voiceprint.model.Architecture;
import io.voiceprint.model.Architecture.Family;
import io.voiceprint.model.Pooling;
import io.voiceprint.model.SpeakerModel;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;

/**
 * What this machine offers and whether its numbers are right: the libraries and devices found, and
 * a small network run on the GPU in each precision and compared with the reference engine.
 *
 * @param findings in the order in which they were made
 */
public record Diagnosis(List<Finding> findings) {

  /** What a finding is about. */
  public enum Subject {
    LIBRARY,
    DEVICE,
    SELF_TEST
  }

  /**
   * One thing that was looked at.
   *
   * @param subject what kind of thing
   * @param name such as {@code "cudnn"}, {@code "NVIDIA L4"} or {@code "fp16"}
   * @param good whether it can be used, or passed
   * @param details by name, in order
   * @param problem what is wrong and what to do; empty if good
   */
  public record Finding(
      Subject subject, String name, boolean good, Map<String, String> details, String problem) {}

  /** A float32 engine with another order of summation stays far below this. */
  private static final double FLOAT32_BOUND = 1e-4;

  /** Room for an error that is zero by chance. */
  private static final double FLOOR = 1e-5;

  private static final int SAMPLES = 16000;

  public Diagnosis {
    findings = List.copyOf(findings);
  }

  /** Looks at everything; takes a few seconds where there is a GPU. */
  public static Diagnosis run() {
    CudaDiagnosis cuda = CudaDiagnosis.run();
    List<Finding> findings = new ArrayList<>();
    cuda.libraries().forEach(library -> findings.add(finding(library)));
    cuda.devices().forEach(device -> findings.add(finding(device)));
    if (cuda.devices().stream().anyMatch(CudaDiagnosis.Device::isUsable)) {
      for (Precision precision : List.of(Precision.FP32, Precision.TF32, Precision.FP16)) {
        findings.add(selfTest(precision));
      }
    }
    return new Diagnosis(findings);
  }

  /** Whether a GPU was found and computes what the reference engine computes. */
  public boolean gpuWorks() {
    boolean tested = false;
    for (Finding finding : findings) {
      if (finding.subject() == Subject.SELF_TEST) {
        tested = true;
        if (!finding.good()) {
          return false;
        }
      }
    }
    return tested;
  }

  private static Finding finding(CudaDiagnosis.Library library) {
    Map<String, String> details = new LinkedHashMap<>();
    details.put("path", library.path());
    details.put("version", library.version());
    details.put("needed", library.required() ? "always" : "for some tunings, front ends and cards");
    details.put("notes", String.join("; ", library.notes()));
    return new Finding(
        Subject.LIBRARY, library.name(), library.usable(), details, library.problem());
  }

  private static Finding finding(CudaDiagnosis.Device device) {
    Map<String, String> details = new LinkedHashMap<>();
    details.put("ordinal", String.valueOf(device.ordinal()));
    details.put("compute_capability", device.computeCapability());
    details.put("driver", "CUDA " + device.driver());
    details.put("memory_mib", String.valueOf(device.totalBytes() >> 20));
    details.put("free_mib", String.valueOf(device.freeBytes() >> 20));
    details.put("multiprocessors", String.valueOf(device.multiprocessors()));
    details.put("kernels", device.kernels());
    return new Finding(Subject.DEVICE, device.name(), device.isUsable(), details, device.problem());
  }

  private static Finding selfTest(Precision precision) {
    String name = precision.name().toLowerCase(Locale.ROOT);
    SpeakerModel model =
        SpeakerModel.seeded(
            new Architecture(
                Family.ERES2NET, 80, 8, List.of(1, 1, 1, 1), 32, 2, 2, Pooling.TSTP, 32, false),
            1);
    float[] exact = embed(reference(model, Precision.FP32));
    double bound =
        precision == Precision.FP32
            ? FLOAT32_BOUND
            : 2 * relativeL2(embed(reference(model, precision)), exact) + FLOOR;
    Map<String, String> details = new LinkedHashMap<>();
    try {
      float[] actual = embed(CudaEngines.open(model.graph(), model.frontEnd(), precision));
      double error = relativeL2(actual, exact);
      boolean good = error <= bound;
      details.put("error", String.format(Locale.ROOT, "%.2e", error));
      details.put("bound", String.format(Locale.ROOT, "%.2e", bound));
      return new Finding(
          Subject.SELF_TEST,
          name,
          good,
          details,
          good ? "" : "the GPU computes other numbers than the reference engine; do not use it");
    } catch (EngineException e) {
      return new Finding(Subject.SELF_TEST, name, false, details, e.getMessage());
    }
  }

  private static Engine reference(SpeakerModel model, Precision precision) {
    return new ReferenceEngine(model.graph(), model.frontEnd(), precision, 1);
  }

  /** The embedding of a second of noise; closes the engine. */
  private static float[] embed(Engine engine) {
    Random random = new Random(2);
    float[] samples = new float[SAMPLES];
    for (int i = 0; i < samples.length; i++) {
      samples[i] = (float) (0.1 * random.nextGaussian());
    }
    try (engine) {
      return engine.embed(List.of(samples)).get(0);
    }
  }

  private static double relativeL2(float[] actual, float[] expected) {
    double error = 0;
    double norm = 0;
    for (int i = 0; i < expected.length; i++) {
      error += Math.pow((double) actual[i] - expected[i], 2);
      norm += (double) expected[i] * expected[i];
    }
    return Math.sqrt(error / norm);
  }
}
