package io.voiceprint.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.voiceprint.process.ChildProcess;
import io.voiceprint.simcuda.OnSimCuda;
import io.voiceprint.simcuda.SimCuda;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Where device code comes from when the fat binary of the build does not load. */
@ExtendWith(OnSimCuda.class)
class KernelLibraryTest {
  private static final int NO_BINARY_FOR_GPU = 209;
  private static final int INVALID_IMAGE = 200;
  private static final int UNSUPPORTED_PTX_VERSION = 222;
  private static final int INVALID_SOURCE = 300;
  private static final int OUT_OF_MEMORY = 2;

  @BeforeEach
  void requireKernels() {
    assumeTrue(
        KernelSources.resource("cmn.fatbin") != null, "this build carries no compiled kernels");
  }

  private static String image(CudaContext context) {
    return new KernelLibrary(context).image("cmn", "cmn");
  }

  @Test
  void theFatBinaryComesFirst() {
    try (CudaContext context = TestDevice.open()) {
      assertEquals("fat binary of the build, sm_86", image(context));
    }
  }

  /** The software device chooses as a driver does, and says like one what it chose. */
  @ParameterizedTest
  @CsvSource({
    "75, sm_75",
    "87, sm_86",
    "89, sm_89",
    "90, sm_90",
    "103, sm_100",
    "121, sm_120",
    "130, sm_130 from PTX of compute_120"
  })
  void aCardGetsTheNewestImageThatItRuns(int computeCapability, String machineCode) {
    SimCuda.card(computeCapability);
    try (CudaContext context = TestDevice.open()) {
      assertEquals("fat binary of the build, " + machineCode, image(context));
    }
  }

  @Test
  void aCardForWhichThereIsNoImageGetsWhatIsCompiledForIt() {
    TestDevice.need(CudaLibrary.NVRTC);
    SimCuda.card(110);
    try (CudaContext context = TestDevice.open()) {
      assertTrue(image(context).startsWith("NVRTC "), image(context));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {NO_BINARY_FOR_GPU, INVALID_IMAGE, UNSUPPORTED_PTX_VERSION, INVALID_SOURCE})
  void whereItDoesNotFitTheSourcesAreCompiledAndCompute(int status) {
    try (CudaContext context = TestDevice.open()) {
      TestDevice.need(CudaLibrary.NVRTC);
      float[] expected = normalised(context, "fat binary of the build");
      SimCuda.fail("cuModuleLoad*", 1, status);
      assertArrayEquals(expected, normalised(context, "NVRTC"));
    }
  }

  /** Two frames of one bin less their mean, with the kernels of {@code origin}. */
  private static float[] normalised(CudaContext context, String origin) {
    KernelLibrary library = new KernelLibrary(context);
    Kernel kernel = library.kernel("cmn", "cmn");
    String image = library.image("cmn", "cmn");
    assertTrue(image.startsWith(origin), image);
    try (CudaStream stream = new CudaStream(context, "s");
        DeviceMemory clips = new DeviceMemory(context, "clips", 16);
        DeviceMemory features = TestDevice.upload(context, "features", 1, 4)) {
      clips.write(TestDevice.buffer(16).putInt(12, 2));
      kernel.launch(
          stream,
          new LaunchShape(1, 1, 1, 1, 8, 1, 8 * Double.BYTES),
          new Kernel.Arguments().address(clips.address()).address(features.address()));
      stream.synchronize();
      return TestDevice.download(features);
    }
  }

  @Test
  void ifWhatIsCompiledDoesNotFitEitherBothAreTold() {
    try (CudaContext context = TestDevice.open()) {
      TestDevice.need(CudaLibrary.NVRTC);
      SimCuda.fail("cuModuleLoad*", 1, INVALID_SOURCE);
      SimCuda.fail("cuModuleLoad*", 1, NO_BINARY_FOR_GPU);
      KernelLibrary library = new KernelLibrary(context);
      CudaException e = assertThrows(CudaException.class, () -> library.module("cmn"));
      assertEquals(NO_BINARY_FOR_GPU, e.status());
      assertTrue(e.getMessage().contains("CUDA_ERROR_INVALID_SOURCE (300"), e.getMessage());
      assertTrue(e.getMessage().contains("CUDA_ERROR_NO_BINARY_FOR_GPU (209"), e.getMessage());
    }
  }

  @Test
  void anotherFailureIsNoReasonToCompile() {
    try (CudaContext context = TestDevice.open()) {
      SimCuda.fail("cuModuleLoad*", 1, OUT_OF_MEMORY);
      KernelLibrary library = new KernelLibrary(context);
      CudaException e = assertThrows(CudaException.class, () -> library.module("cmn"));
      assertEquals(CudaException.Kind.OUT_OF_MEMORY, e.kind());
      assertEquals(0, SimCuda.calls("nvrtcCompileProgram"));
    }
  }

  /** In processes of their own, since the cache's place is an environment variable. */
  @Test
  void whatWasCompiledIsTakenFromTheCacheNextTime(@TempDir Path cache) throws IOException {
    TestDevice.need(CudaLibrary.NVRTC);
    Map<String, String> environment =
        Map.of(
            "VOICEPRINT_CACHE",
            cache.toString(),
            "SIMCUDA_FAIL",
            "cuModuleLoad*:1:" + NO_BINARY_FOR_GPU);
    String first = ChildProcess.java(environment, Image.class, List.of());
    assertTrue(first.contains("image NVRTC ") && !first.contains("from the cache"), first);
    String second = ChildProcess.java(environment, Image.class, List.of());
    assertTrue(second.contains("from the cache"), second);
  }

  /** Prints which code of a family runs. */
  static final class Image {
    private Image() {}

    public static void main(String[] arguments) {
      try (CudaContext context = CudaContext.open(CudaDevice.list().get(0))) {
        System.out.println("image " + image(context));
      }
    }
  }
}
