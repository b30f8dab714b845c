package io.voiceprint.diagnosis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.voiceprint.Device;
import io.voiceprint.EncoderOptions;
import io.voiceprint.SpeakerEncoder;
import io.voiceprint.UnusableDeviceException;
import io.voiceprint.cuda.CudaDevice;
import io.voiceprint.engine.Precision;
import io.voiceprint.engine.cuda.CudaEngines;
import io.voiceprint.engine.cuda.Tuner;
import io.voiceprint.engine.cuda.Tuning;
import io.voiceprint.model.RandomModels;
import io.voiceprint.model.SpeakerModel;
import io.voiceprint.simcuda.OnSimCuda;
import io.voiceprint.simcuda.SimCuda;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** On the software CUDA device, whose times mean nothing but are times. */
@ExtendWith(OnSimCuda.class)
class CudaTuningOnDeviceTest {
  @Test
  void whatWasMeasuredIsKeptAndUsedAndStillComputesRight() throws IOException {
    SpeakerModel model = RandomModels.next(new Random(41));
    float[] samples = noise();
    List<String> progress = new ArrayList<>();
    CudaTuning tuning =
        CudaTuning.measure(model, List.of(Precision.FP32), 13, false, progress::add);
    try {
      assertTrue(Files.size(tuning.file()) > 0);
      assertFalse(tuning.choices().isEmpty());
      assertTrue(progress.size() >= tuning.choices().size(), progress.toString());
      String explanation = tuning.explanation();
      assertTrue(explanation.contains("software"), explanation);
      tuning
          .choices()
          .forEach(
              (layer, choice) ->
                  assertTrue(
                      explanation
                          .lines()
                          .dropWhile(line -> !line.startsWith(layer + ": "))
                          .skip(1)
                          .takeWhile(line -> line.startsWith("  "))
                          .anyMatch(
                              line ->
                                  line.startsWith("  " + choice + " ") && line.endsWith("chosen")),
                      () -> "%s = %s in %s".formatted(layer, choice, explanation)));
      float[] tuned = embed(model, samples);
      Files.delete(tuning.file());
      float[] untuned = embed(model, samples);
      double error = 0;
      double norm = 0;
      for (int i = 0; i < tuned.length; i++) {
        error += Math.pow(tuned[i] - untuned[i], 2);
        norm += Math.pow(untuned[i], 2);
      }
      assertEquals(0, Math.sqrt(error / norm), 1e-4);
    } finally {
      Files.deleteIfExists(tuning.file());
    }
  }

  @Test
  void whatCannotBeKeptIsSaidBeforeMeasuring() throws IOException {
    SpeakerModel model = RandomModels.next(new Random(41));
    Path file = CudaEngines.tuningFile(CudaEngines.probe().devices().get(0));
    Files.createDirectories(file);
    try {
      List<String> progress = new ArrayList<>();
      assertThrows(
          IOException.class,
          () -> CudaTuning.measure(model, List.of(Precision.FP32), 13, false, progress::add));
      assertEquals(List.of(), progress);
    } finally {
      Files.delete(file);
    }
  }

  @Test
  void plansAreCountedWithoutRunningAnything() throws IOException {
    SpeakerModel model = RandomModels.next(new Random(41));
    String tables = CudaPlans.tables(model, List.of(Precision.FP16), 298);
    assertTrue(tables.contains("usual, FP16, 298 frames"), tables);
    assertTrue(tables.contains("all fusions, FP16, 298 frames"), tables);
    assertEquals(0, SimCuda.launches());
  }

  @Test
  void whatWasKeptAndIsNoTuningIsSaidBeforeAnythingIsMeasured() throws IOException {
    Path file = CudaEngines.tuningFile(CudaEngines.probe().devices().get(0));
    SpeakerModel model = RandomModels.next(new Random(41));
    Files.createDirectories(file.getParent());
    Files.writeString(file, "nonsense");
    try {
      var thrown =
          assertThrows(
              IOException.class,
              () -> CudaTuning.measure(model, List.of(Precision.FP32), 13, false, line -> {}));
      assertTrue(thrown.getMessage().contains(file.toString()), thrown.getMessage());
      assertEquals(0, SimCuda.launches());
      UnusableDeviceException refused =
          assertThrows(UnusableDeviceException.class, () -> open(model));
      assertTrue(refused.getMessage().contains(file.toString()), refused.getMessage());
    } finally {
      Files.delete(file);
    }
  }

  @Test
  void aTuningThatNamesWhatIsNotThereIsRefusedWithItsFile() throws IOException {
    CudaDevice device = CudaEngines.probe().devices().get(0);
    Path file = CudaEngines.tuningFile(device);
    SpeakerModel model = RandomModels.next(new Random(41));
    Map<String, String> unknown = new TreeMap<>();
    try (Tuner tuner = new Tuner(device, model.graph(), model.frontEnd(), Precision.FP32)) {
      tuner.fusions().choices().keySet().forEach(layer -> unknown.put(layer, "abacus"));
    }
    new Tuning(unknown).save(file);
    try {
      UnusableDeviceException refused =
          assertThrows(UnusableDeviceException.class, () -> open(model));
      String message = refused.getMessage();
      assertTrue(message.contains("names \"abacus\""), message);
      assertTrue(message.endsWith("tune again, or delete " + file), message);
    } finally {
      Files.delete(file);
    }
  }

  /** What no card's figures speak for is off until this very card was tuned. */
  @Test
  void aTuningOfAnotherCardOrDriverChangesNothing() throws IOException {
    CudaDevice device = CudaEngines.probe().devices().get(0);
    SpeakerModel model = RandomModels.next(new Random(41));
    Tuning fusions;
    try (Tuner tuner = new Tuner(device, model.graph(), model.frontEnd(), Precision.FP32)) {
      fusions = tuner.fusions();
    }
    Path own = CudaEngines.tuningFile(device);
    List<Path> others =
        List.of(
            CudaEngines.tuningFile(like(device, device.name() + " Ti", device.driverVersion())),
            CudaEngines.tuningFile(like(device, device.name(), device.driverVersion() + 10)));
    try {
      long usual = launches(model);
      for (Path other : others) {
        fusions.save(other);
      }
      assertEquals(usual, launches(model));
      fusions.save(own);
      assertTrue(launches(model) < usual, "fusions are fewer launches");
    } finally {
      Files.deleteIfExists(own);
      for (Path other : others) {
        Files.deleteIfExists(other);
      }
    }
  }

  private static CudaDevice like(CudaDevice device, String name, int driver) {
    return new CudaDevice(
        device.ordinal(),
        name,
        device.computeCapability(),
        device.totalBytes(),
        device.multiprocessors(),
        device.maxSharedBytesPerBlock(),
        device.sharedBytesPerMultiprocessor(),
        device.virtualMemory(),
        driver);
  }

  private static float[] noise() {
    float[] samples = new float[2400];
    Random random = new Random(42);
    for (int i = 0; i < samples.length; i++) {
      samples[i] = (float) (0.1 * random.nextGaussian());
    }
    return samples;
  }

  /** Kernels that one clip takes. */
  private static long launches(SpeakerModel model) {
    try (SpeakerEncoder encoder = open(model)) {
      SimCuda.reset();
      var unused = encoder.embed(noise(), 16000);
      return SimCuda.launches();
    }
  }

  private static SpeakerEncoder open(SpeakerModel model) {
    return SpeakerEncoder.open(model, EncoderOptions.DEFAULTS.withDevice(Device.CUDA));
  }

  private static float[] embed(SpeakerModel model, float[] samples) {
    try (SpeakerEncoder encoder = open(model)) {
      return encoder.embed(samples, 16000).values();
    }
  }
}
