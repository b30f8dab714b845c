package io.voiceprint.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.voiceprint.process.ChildProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import jcuda.Pointer;
import jcuda.jcublas.JCublas2;
import jcuda.jcublas.cublasHandle;
import jcuda.jcufft.JCufft;
import jcuda.nvrtc.JNvrtc;
import jcuda.nvrtc.nvrtcProgram;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * JCuda's own native parts, which want cuBLAS 12, cuFFT 10 and NVRTC 12, on a machine that has
 * newer ones only.
 */
class ForwardingTest {
  @TempDir static Path newer;

  @BeforeAll
  static void build() throws IOException {
    assumeTrue(
        CudaLibraries.class.getResource("native/libcublas.so.12") != null,
        "the build made no forwarding libraries: no gcc, or not Linux x86-64");
    for (String name :
        List.of("libcublasLt.so.13", "libcublas.so.13", "libcufft.so.12", "libnvrtc.so.13")) {
      String output =
          ChildProcess.run(
              Map.of(),
              List.of(
                  "gcc",
                  "-shared",
                  "-fPIC",
                  "-Wl,-soname," + name,
                  "-o",
                  newer.resolve(name).toString(),
                  "src/test/native/newer/newer.c"));
      assertEquals("", output);
    }
    Path builtins = newer.resolve("libnvrtc-builtins.so.13.7");
    assertEquals(
        "",
        ChildProcess.run(
            Map.of(),
            List.of(
                "gcc",
                "-shared",
                "-Wl,-soname," + builtins.getFileName(),
                "-o",
                builtins.toString(),
                "-x",
                "c",
                "/dev/null")));
  }

  private static String probe(String what) throws IOException {
    return ChildProcess.java(
        Map.of("VOICEPRINT_CUDA_PATH", newer.toString()), Probe.class, List.of(what));
  }

  @Test
  void everyArgumentArrives() throws IOException {
    assertEquals("version 130100, gemm 0, workspace 15, newer status 3\n", probe("cublas"));
  }

  @Test
  void fftIsForwardedOverTwoMajorVersions() throws IOException {
    assertEquals("version 12001\n", probe("cufft"));
  }

  @Test
  void runtimeCompilerIsForwarded() throws IOException {
    assertEquals("version 13.7, .version 9.0, newer error, builtins are there\n", probe("nvrtc"));
  }

  /** One that is called and not forwarded ends the process when the loader looks for it. */
  @ParameterizedTest
  @CsvSource({
    "jcuda.jcublas.JCublas2, cublas",
    "jcuda.jcufft.JCufft, cufft",
    "jcuda.nvrtc.JNvrtc, nvrtc"
  })
  void everyFunctionThatIsCalledIsForwarded(String binding, String library) throws IOException {
    Set<String> forwarded =
        Files.readString(Path.of("src/main/native/" + library + "_functions.h"))
            .lines()
            .filter(line -> line.startsWith("FORWARD"))
            .map(line -> line.substring(line.indexOf('(') + 1, line.indexOf(')')))
            .map(ForwardingTest::withoutVersion)
            .collect(Collectors.toSet());
    Set<String> called =
        new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages("io.voiceprint.cuda")
                .stream()
                .flatMap(type -> type.getMethodCallsFromSelf().stream())
                .filter(call -> call.getTargetOwner().getName().equals(binding))
                .map(call -> withoutVersion(call.getName()))
                .filter(name -> name.startsWith(library))
                .collect(Collectors.toCollection(TreeSet::new));
    assertFalse(called.isEmpty());
    called.removeAll(forwarded);
    assertEquals(Set.of(), called);
  }

  /** JCuda and the libraries mark later forms of a function in ways of their own. */
  private static String withoutVersion(String function) {
    return function.replaceFirst("_(v2|new)$", "");
  }

  @Test
  void reportSaysWhatWasForwardedToWhat() throws IOException {
    String report = probe("report");
    assertTrue(report.contains(newer.resolve("libcublas.so.13").toString()), report);
    assertTrue(report.contains("libcublas.so.12 is forwarded to libcublas.so.13"), report);
    assertTrue(report.contains("libcufft.so.10 is forwarded to libcufft.so.12"), report);
  }

  @Test
  void whatLiesInTheSharedTemporaryFolderIsNeitherLoadedNorLeftThere(@TempDir Path temporary)
      throws IOException {
    Path planted = temporary.resolve("libJCublas2-12.6.0-linux-x86_64.so");
    Files.writeString(planted, "not a library");
    String output =
        ChildProcess.java(
            Map.of("VOICEPRINT_CUDA_PATH", newer.toString()),
            List.of("-Djava.io.tmpdir=" + temporary),
            Probe.class,
            List.of("cublas"));
    assertTrue(output.startsWith("version 130100"), output);
    try (Stream<Path> files = Files.list(temporary)) {
      assertEquals(List.of(planted), files.toList());
    }
  }

  /** What runs in a process of its own, since a library stays loaded to the end of its process. */
  static final class Probe {
    private Probe() {}

    public static void main(String[] what) throws IOException {
      String before = System.getProperty("java.io.tmpdir");
      System.out.println(
          switch (what[0]) {
            case "cublas" -> cublas();
            case "cufft" -> cufft();
            case "nvrtc" -> nvrtc();
            default -> CudaLibraries.report().toString();
          });
      assertEquals(before, System.getProperty("java.io.tmpdir"));
    }

    private static String cublas() {
      CudaLibraries.require(CudaLibrary.CUBLAS);
      cublasHandle handle = new cublasHandle();
      int[] version = new int[1];
      JCublas2.cublasCreate(handle);
      JCublas2.cublasGetVersion(handle, version);
      int gemm =
          JCublas2.cublasGemmEx_new(
              handle,
              1,
              0,
              3,
              31,
              127,
              Pointer.to(new float[] {1}),
              new DevicePointer(0x1000),
              2,
              128,
              new DevicePointer(0x2000),
              2,
              129,
              Pointer.to(new float[] {0.5f}),
              new DevicePointer(0x3000),
              2,
              33,
              68,
              -1);
      int workspace = JCublas2.cublasSetWorkspace(handle, new DevicePointer(0x4000), 5);
      return "version %d, gemm %d, workspace %d, %s"
          .formatted(version[0], gemm, workspace, JCublas2.cublasGetStatusString(3));
    }

    private static String cufft() {
      CudaLibraries.require(CudaLibrary.CUFFT);
      int[] version = new int[1];
      JCufft.cufftGetVersion(version);
      return "version " + version[0];
    }

    private static String nvrtc() {
      CudaLibraries.require(CudaLibrary.NVRTC);
      int[] major = new int[1];
      int[] minor = new int[1];
      JNvrtc.nvrtcVersion(major, minor);
      String[] ptx = new String[1];
      JNvrtc.nvrtcGetPTX(new nvrtcProgram(), ptx);
      return "version %d.%d, %s, %s"
          .formatted(major[0], minor[0], ptx[0], JNvrtc.nvrtcGetErrorString(6));
    }
  }
}
