package io.voiceprint.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.voiceprint.process.ChildProcess;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The script that compiles the kernels in the build. */
@EnabledOnOs(value = OS.LINUX, disabledReason = "the kernels are compiled on Linux")
class BuildKernelsTest {
  private static final String NO_COMPILER = "/nonexistent/nvcc";

  @TempDir Path folder;
  private Path source;
  private Path binary;

  @BeforeEach
  void oneKernel() throws IOException {
    source = Files.createDirectory(folder.resolve("kernels")).resolve("one.cu");
    Files.writeString(source, "extern \"C\" __global__ void one(int* x) { *x = 1; }\n");
    binary = Files.createDirectory(folder.resolve("out")).resolve("one.fatbin");
  }

  private String build(String nvcc) throws IOException {
    return ChildProcess.run(
        Map.of("NVCC", nvcc),
        List.of(
            "src/main/native/build-kernels.sh",
            source.getParent().toString(),
            binary.getParent().toString(),
            folder.resolve("log").toString()));
  }

  private static void requireCompiler() {
    assumeTrue(
        Stream.of(System.getenv("PATH").split(File.pathSeparator))
            .anyMatch(place -> Files.isExecutable(Path.of(place, "nvcc"))),
        "nvcc is not on the path");
  }

  @Test
  void withoutACompilerItGoesOnAndSaysSo() throws IOException {
    String said = build(NO_COMPILER);
    assertTrue(said.startsWith("kernels: NOT COMPILED, nvcc was not found"), said);
    assertTrue(said.contains("NVRTC"), said);
    assertFalse(Files.exists(binary));
  }

  @Test
  void whatAnEarlierBuildMadeOfOtherSourcesIsNotShipped() throws IOException {
    Files.writeString(binary, "of another source");
    Path gone = Files.writeString(binary.resolveSibling("gone.fatbin"), "of none");
    Files.setLastModifiedTime(binary, FileTime.fromMillis(0));
    assertTrue(build(NO_COMPILER).contains("NOT COMPILED"));
    assertFalse(Files.exists(binary));
    assertFalse(Files.exists(gone));
  }

  @Test
  void whatIsCurrentStaysAsItIs() throws IOException {
    Files.writeString(binary, "of this source");
    assertEquals("", build(NO_COMPILER));
    assertEquals("of this source", Files.readString(binary));
  }

  @Test
  void aKernelThatSpillsFailsTheBuild() throws IOException {
    requireCompiler();
    Files.writeString(
        source,
        """
        extern "C" __global__ void __launch_bounds__(1024) one(float* x) {
          float v[128];
        #pragma unroll
          for (int i = 0; i < 128; i++) v[i] = x[i * 1024 + threadIdx.x];
          __syncthreads();
        #pragma unroll
          for (int i = 0; i < 128; i++) x[i * 1024 + threadIdx.x] = v[127 - i] * v[i];
        }
        """);
    AssertionError failed = assertThrows(AssertionError.class, () -> build("nvcc"));
    assertTrue(failed.getMessage().contains("one spills registers"), failed.getMessage());
    assertFalse(Files.exists(binary));
  }
}
