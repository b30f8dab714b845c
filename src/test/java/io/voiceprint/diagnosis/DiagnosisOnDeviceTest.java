package io.voiceprint.diagnosis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.voiceprint.Device;
import io.voiceprint.audio.PcmAudio;
import io.voiceprint.engine.Precision;
import io.voiceprint.model.RandomModels;
import io.voiceprint.simcuda.OnSimCuda;
import io.voiceprint.simcuda.SimCuda;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** On the software CUDA device. */
@ExtendWith(OnSimCuda.class)
class DiagnosisOnDeviceTest {
  private static Diagnosis diagnose() {
    Random random = new Random(31);
    float[] samples = new float[4000];
    for (int i = 0; i < samples.length; i++) {
      samples[i] = (float) (0.1 * random.nextGaussian());
    }
    return Diagnosis.of(RandomModels.next(random), new PcmAudio(samples, 16000));
  }

  @Test
  void aDeviceThatComputesRightIsUsable() throws Exception {
    Diagnosis diagnosis = diagnose();
    assertEquals(
        List.of(Precision.FP32, Precision.TF32, Precision.FP16),
        diagnosis.selfTests().stream()
            .filter(test -> test.device() == Device.CUDA)
            .map(SelfTest::precision)
            .toList());
    assertTrue(diagnosis.isUsable(Device.CUDA), diagnosis.selfTests().toString());
    assertEquals(Device.CUDA, diagnosis.automatic());
    assertEquals(List.of(), diagnosis.cuda().problems());
    CudaReport.Gpu gpu = diagnosis.cuda().devices().get(0);
    assertTrue(gpu.isUsable(), gpu.problem());
    assertTrue(gpu.freeBytes() > 0 && gpu.freeBytes() <= gpu.totalBytes());
    try (Stream<Path> sources = Files.list(Path.of("kernels"))) {
      List<String> families =
          sources
              .map(file -> file.getFileName().toString())
              .filter(name -> name.endsWith(".cu"))
              .map(name -> name.replace(".cu", ""))
              .sorted()
              .toList();
      assertEquals(families, gpu.kernels().keySet().stream().sorted().toList());
    }
  }

  @Test
  void aDeviceThatFailsIsNotAndSaysWhy() {
    SimCuda.fail("cuLaunchKernel", 1, 0);
    Diagnosis diagnosis = diagnose();
    assertFalse(diagnosis.isUsable(Device.CUDA));
    assertTrue(diagnosis.isUsable(Device.REFERENCE));
    SelfTest failed = diagnosis.selfTests().get(0);
    assertFalse(failed.passes());
    assertTrue(failed.problem().contains("cuLaunchKernel"), failed.problem());
    assertTrue(diagnosis.selfTests().get(1).passes(), diagnosis.selfTests().toString());
  }
}
