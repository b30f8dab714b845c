package io.voiceprint.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("gpu")
class KernelCompilerTest {
  private static final int[] SUPPORTED = {75, 80, 86, 89, 90, 100, 120};

  @Test
  void theCardItselfIsBest() {
    assertEquals(89, KernelCompiler.best(89, SUPPORTED, "12.8"));
  }

  @Test
  void aNewerCardGetsTheNewestKnownBelowIt() {
    assertEquals(86, KernelCompiler.best(87, SUPPORTED, "12.8"));
    assertEquals(120, KernelCompiler.best(130, SUPPORTED, "12.8"));
  }

  @Test
  void anOlderCardIsRefusedWithNumbers() {
    CudaException e =
        assertThrows(CudaException.class, () -> KernelCompiler.best(70, SUPPORTED, "13.0"));
    assertEquals(CudaException.Kind.UNAVAILABLE, e.kind());
    assertTrue(e.getMessage().contains("7.5 to 12.0, this card has 7.0"), e.getMessage());
  }

  @Test
  void whatItCompilesIsLoadedAndHasItsEntryPoints() {
    try (CudaContext context = TestDevice.open()) {
      TestDevice.need(CudaLibrary.NVRTC);
      KernelCompiler compiler = new KernelCompiler(context.device().computeCapability());
      byte[] image = compiler.compile(KernelSources.of("pcm"));
      try (CudaModule module = context.loadModule("pcm, " + compiler.name(), image)) {
        assertTrue(module.kernel("resample_polyphase").maxBlockThreads() > 0);
      }
    }
  }

  /** NVRTC takes them for the host's, which it refuses, unless told otherwise; nvcc does not. */
  @Test
  void genericLambdasAreCompiledForTheDevice() {
    try (CudaContext context = TestDevice.open()) {
      TestDevice.need(CudaLibrary.NVRTC);
      KernelCompiler compiler = new KernelCompiler(context.device().computeCapability());
      KernelSources generic =
          new KernelSources(
              "generic",
              """
              extern "C" __global__ void k(float* x) {
                const auto twice = [](auto value) { return 2 * value; };
                *x = twice(*x);
              }
              """,
              new TreeMap<>());
      assertTrue(compiler.compile(generic).length > 0);
    }
  }

  @Test
  void anErrorInTheSourceIsToldInTheCompilersWords() {
    try (CudaContext context = TestDevice.open()) {
      TestDevice.need(CudaLibrary.NVRTC);
      KernelCompiler compiler = new KernelCompiler(context.device().computeCapability());
      KernelSources broken =
          new KernelSources(
              "broken",
              "extern \"C\" __global__ void k(int* x) { *x = undeclared_name; }",
              new TreeMap<>());
      CudaException e = assertThrows(CudaException.class, () -> compiler.compile(broken));
      assertEquals("nvrtcCompileProgram", e.call());
      assertTrue(e.getMessage().contains("family=broken, sm_"), e.getMessage());
      assertTrue(e.getMessage().contains("undeclared_name"), e.getMessage());
    }
  }
}
