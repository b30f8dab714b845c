package io.voiceprint.engine.cpu;

import static org.bytedeco.dnnl.global.dnnl.dnnl_cpu_isa_avx512_core;
import static org.bytedeco.dnnl.global.dnnl.dnnl_cpu_isa_avx512_core_amx;
import static org.bytedeco.dnnl.global.dnnl.dnnl_cpu_isa_avx512_core_bf16;
import static org.bytedeco.dnnl.global.dnnl.dnnl_get_effective_cpu_isa;

import java.io.IOException;
import java.util.Optional;
import org.bytedeco.javacpp.Loader;

/**
 * Loads oneDNN, once per process: our own native part, the OpenMP runtime, oneDNN, and the bridge
 * that JavaCPP generated; the last three come from the class path and are unpacked by JavaCPP into
 * its cache ({@code ~/.javacpp}).
 */
final class OneDnn {
  /**
   * JavaCPP's own limit on the memory of the process, by default derived from the Java heap's. Our
   * memory is planned elsewhere, and a small heap must not forbid it.
   */
  private static final String PHYSICAL_LIMIT = "org.bytedeco.javacpp.maxPhysicalBytes";

  /** Name of the file of oneDNN that the binding is linked with. */
  private static final String LIBRARY = "libdnnl.so.3";

  private static final String UNAVAILABLE = load();

  private OneDnn() {}

  /** Why oneDNN cannot be used in this process; empty if it can. */
  static Optional<String> unavailableReason() {
    return Optional.ofNullable(UNAVAILABLE);
  }

  private static String load() {
    String os = System.getProperty("os.name");
    String arch = System.getProperty("os.arch");
    if (!os.equals("Linux") || !arch.equals("amd64")) {
      return "oneDNN is used on Linux x86-64 only, this is %s %s".formatted(os, arch);
    }
    if (System.getProperty(PHYSICAL_LIMIT) == null) {
      System.setProperty(PHYSICAL_LIMIT, "0");
    }
    try {
      OpenMp.prepare();
      Affinity.prepare();
      Loader.load(org.bytedeco.dnnl.presets.dnnl.class);
      OpenMp.releaseTables(LIBRARY);
      return null;
    } catch (IOException | LinkageError | TypeNotPresentException e) {
      return "oneDNN does not load (%s); org.bytedeco dnnl, javacpp and opencl must be on the class path"
          .formatted(e);
    }
  }

  static boolean hasAvx512() {
    return has(dnnl_cpu_isa_avx512_core);
  }

  /** Whether the processor multiplies bfloat16 numbers. */
  static boolean hasBfloat16() {
    return has(dnnl_cpu_isa_avx512_core_bf16);
  }

  /** Whether the processor multiplies matrices of bfloat16 numbers. */
  static boolean hasMatrixUnits() {
    return has(dnnl_cpu_isa_avx512_core_amx);
  }

  private static boolean has(int instructions) {
    return (dnnl_get_effective_cpu_isa() & instructions) == instructions;
  }
}
