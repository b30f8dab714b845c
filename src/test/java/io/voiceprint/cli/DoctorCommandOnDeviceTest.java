package io.voiceprint.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.voiceprint.simcuda.SimCuda;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the doctor says where there is a device: the software one. */
final class DoctorCommandOnDeviceTest {
  @TempDir Path folder;
  private Path clip;

  @BeforeEach
  void device() throws IOException {
    SimCuda.require();
    SimCuda.reset();
    clip = Wavs.noise(folder.resolve("clip.wav"), 7, 3000); // The device is slow.
  }

  @AfterEach
  void forget() {
    SimCuda.reset();
  }

  @Test
  void showsTheDeviceItsLibrariesAndTheErrorOfEachPrecision() {
    CliRun run = CliRun.of("doctor", "-q", "--sample", clip);
    assertEquals(0, run.exitCode(), run.err());
    for (String line :
        List.of(
            "cuda       yes",
            "driver: supports CUDA 12.6; at least 12.0 is needed",
            "CUDNN    optional; found, version ",
            "libcudnn.so.9 through VOICEPRINT_CUDA_PATH",
            "device 0: simcuda software device, compute capability 8.6, 4 SMs, 4.0 GiB, ",
            ", sm_86: aff, aff_mma, attentive_pool, ",
            "cuda       fp32  right, relative error ",
            "cuda       tf32  right, relative error ",
            "cuda       fp16  right, relative error ",
            "The GPU can be used.")) {
      assertTrue(run.out().contains(line), () -> line + " is not in\n" + run.out());
    }
  }

  @Test
  @SuppressWarnings("unchecked")
  void oneWrongPrecisionMakesTheDeviceUnusableAndProgramsLearnWhy() {
    SimCuda.fail("cuLaunchKernel", 1, 0);
    CliRun run = CliRun.of("doctor", "-q", "--json", "--sample", clip);
    assertEquals(3, run.exitCode(), run.err());
    Map<String, Object> report = Json.object(run.out());
    assertEquals(false, report.get("cuda_usable"));
    Map<String, Object> cuda = (Map<String, Object>) report.get("cuda");
    Map<String, Object> gpu = ((List<Map<String, Object>>) cuda.get("gpus")).get(0);
    assertEquals("8.6", gpu.get("compute_capability"));
    assertEquals("", gpu.get("problem"));
    String image = ((Map<String, Object>) gpu.get("kernels")).get("fbank").toString();
    assertTrue(image.endsWith(", sm_86"), image);
    List<Map<String, Object>> tests =
        ((List<Map<String, Object>>) report.get("self_tests"))
            .stream().filter(test -> test.get("device").equals("cuda")).toList();
    assertEquals(
        List.of("fp32", "tf32", "fp16"),
        tests.stream().map(test -> test.get("precision")).toList());
    assertEquals(
        List.of(false, true, true), tests.stream().map(test -> test.get("passes")).toList());
    String problem = tests.get(0).get("problem").toString();
    assertTrue(problem.contains("cuLaunchKernel returned "), problem);
    assertTrue(problem.contains("grid=("), problem);
    assertTrue((double) tests.get(1).get("relative_error") > 0, tests.toString());
  }
}
