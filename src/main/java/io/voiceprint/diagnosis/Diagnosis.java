package io.voiceprint.diagnosis;

import io.voiceprint.Device;
import io.voiceprint.DeviceAvailability;
import io.voiceprint.Embedding;
import io.voiceprint.audio.PcmAudio;
import io.voiceprint.engine.Precision;
import io.voiceprint.model.SpeakerModel;
import java.util.ArrayList;
import java.util.List;

/**
 * What can be used on this machine, and whether it computes the right numbers.
 *
 * @param devices all of them, in the order in which {@link Device#AUTO} prefers them
 * @param selfTests every available device, a GPU in each precision; but for the reference engine,
 *     which computed what the others are measured against
 */
public record Diagnosis(
    List<DeviceAvailability> devices, CudaReport cuda, List<SelfTest> selfTests) {
  /** Copies. */
  public Diagnosis {
    devices = List.copyOf(devices);
    selfTests = List.copyOf(selfTests);
  }

  /**
   * Looks and tries. Takes as long as a few embeddings take; the first time on a GPU for which the
   * build carries no kernels, also as long as compiling them.
   *
   * @param model what to compute
   * @param sample what to compute it of
   * @throws io.voiceprint.VoiceprintException if the reference engine has no embedding of the
   *     sample
   */
  public static Diagnosis of(SpeakerModel model, PcmAudio sample) {
    List<DeviceAvailability> devices = DeviceAvailability.all();
    Embedding reference = SelfTest.embed(Device.REFERENCE, Precision.FP32, model, sample);
    List<SelfTest> tests = new ArrayList<>();
    for (DeviceAvailability device : devices) {
      if (device.isAvailable() && device.device() != Device.REFERENCE) {
        tests.addAll(SelfTest.of(device.device(), model, sample, reference));
      }
    }
    return new Diagnosis(devices, CudaProbe.report(), tests);
  }

  /** What {@link Device#AUTO} takes: the reference engine at the least. */
  public Device automatic() {
    return devices.stream()
        .filter(DeviceAvailability::isAvailable)
        .findFirst()
        .orElseThrow()
        .device();
  }

  /**
   * Whether a device is there and computed the right numbers in every precision that is tested.
   *
   * @param device not {@link Device#AUTO}
   */
  public boolean isUsable(Device device) {
    if (device == Device.REFERENCE) {
      return true;
    }
    List<SelfTest> tests = selfTests.stream().filter(test -> test.device() == device).toList();
    return !tests.isEmpty() && tests.stream().allMatch(SelfTest::passes);
  }
}
