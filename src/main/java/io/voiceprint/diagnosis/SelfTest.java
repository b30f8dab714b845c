package io.voiceprint.diagnosis;

import io.voiceprint.Device;
import io.voiceprint.Embedding;
import io.voiceprint.EncoderOptions;
import io.voiceprint.SpeakerEncoder;
import io.voiceprint.VoiceprintException;
import io.voiceprint.audio.PcmAudio;
import io.voiceprint.engine.Precision;
import io.voiceprint.model.SpeakerModel;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One embedding computed on a device and compared with the reference engine's.
 *
 * @param accuracy empty if the device computed nothing
 * @param problem why it computed nothing; empty if it did
 */
public record SelfTest(
    Device device, Precision precision, Optional<Accuracy> accuracy, String problem) {

  /** Whether the device computed the right numbers. */
  public boolean passes() {
    return accuracy.map(Accuracy::passes).orElse(false);
  }

  /**
   * Runs a GPU in each precision, another device in float32.
   *
   * @param sample what to embed
   * @param reference its embedding by the reference engine in float32
   */
  static List<SelfTest> of(
      Device device, SpeakerModel model, PcmAudio sample, Embedding reference) {
    List<SelfTest> tests = new ArrayList<>();
    for (Precision precision : precisions(device)) {
      tests.add(of(device, precision, model, sample, reference));
    }
    return tests;
  }

  private static SelfTest of(
      Device device,
      Precision precision,
      SpeakerModel model,
      PcmAudio sample,
      Embedding reference) {
    try {
      Embedding embedding = embed(device, precision, model, sample);
      Embedding rounded =
          precision == Precision.FP32
              ? reference
              : embed(Device.REFERENCE, precision, model, sample);
      Accuracy accuracy =
          new RoundingError(model, EncoderOptions.DEFAULTS)
              .judged(Accuracy.of(embedding, reference, rounded), sample, precision);
      return new SelfTest(device, precision, Optional.of(accuracy), "");
    } catch (VoiceprintException e) {
      return new SelfTest(device, precision, Optional.empty(), e.getMessage());
    }
  }

  /**
   * @throws VoiceprintException if the device cannot be used or gives no finite numbers
   */
  static Embedding embed(Device device, Precision precision, SpeakerModel model, PcmAudio sample) {
    EncoderOptions options =
        EncoderOptions.DEFAULTS.withDevice(device).withPrecision(precision).withBatch(1, 160);
    try (SpeakerEncoder encoder = SpeakerEncoder.open(model, options)) {
      return encoder.embed(sample);
    }
  }

  private static List<Precision> precisions(Device device) {
    return switch (device) {
      case CUDA -> List.of(Precision.FP32, Precision.TF32, Precision.FP16);
      case CPU, REFERENCE -> List.of(Precision.FP32);
      case AUTO -> throw new IllegalArgumentException("auto is no device of its own");
    };
  }
}
