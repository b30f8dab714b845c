package io.voiceprint.cuda;

import static io.voiceprint.cuda.Failure.SUCCESS;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import jcuda.nvrtc.JNvrtc;
import jcuda.nvrtc.nvrtcProgram;

/** NVRTC, for one card. */
final class KernelCompiler {
  private final int architecture;
  private final boolean exact;
  private final String version;
  private final Path includeFolder;

  /**
   * @param computeCapability of the card, major × 10 + minor
   * @throws CudaException if NVRTC or CUDA's headers are missing, or the card is too old for it
   */
  KernelCompiler(int computeCapability) {
    CudaLibraries.require(CudaLibrary.NVRTC);
    int[] major = new int[1];
    int[] minor = new int[1];
    check("nvrtcVersion", JNvrtc.nvrtcVersion(major, minor), "");
    version = major[0] + "." + minor[0];
    architecture = best(computeCapability, supported(), version);
    exact = architecture == computeCapability;
    includeFolder =
        CudaLibraries.includeFolder()
            .orElseThrow(
                () ->
                    CudaException.unavailable(
                        "cuda_fp16.h was not found beside NVRTC "
                            + version
                            + ": install CUDA's headers (package cuda-cudart-dev-12-6, or pip"
                            + " nvidia-cuda-runtime-cu12) or set CUDA_HOME"));
  }

  /** Highest architecture not above the card's; its PTX runs on every later card. */
  static int best(int computeCapability, int[] supported, String version) {
    int best = Arrays.stream(supported).filter(a -> a <= computeCapability).max().orElse(0);
    if (best == 0) {
      throw CudaException.unavailable(
          "NVRTC %s compiles for compute capability %s to %s, this card has %s: install an older CUDA"
              .formatted(
                  version,
                  CudaDevice.dotted(Arrays.stream(supported).min().orElse(0)),
                  CudaDevice.dotted(Arrays.stream(supported).max().orElse(0)),
                  CudaDevice.dotted(computeCapability)));
    }
    return best;
  }

  private static int[] supported() {
    int[] count = new int[1];
    check("nvrtcGetNumSupportedArchs", JNvrtc.nvrtcGetNumSupportedArchs(count), "");
    int[] architectures = new int[count[0]];
    check("nvrtcGetSupportedArchs", JNvrtc.nvrtcGetSupportedArchs(architectures), "");
    return architectures;
  }

  /** Such as {@code "NVRTC 13.0"}. */
  String name() {
    return "NVRTC " + version;
  }

  private String target() {
    return (exact ? "sm_" : "compute_") + architecture;
  }

  /**
   * A file name that stands for the result of {@link #compile}: all that it depends on but CUDA's
   * headers, which come with the compiler.
   */
  String key(KernelSources sources) {
    return "%s-%s-nvrtc%s-%s"
        .formatted(sources.family(), target(), version, sources.digest(means()));
  }

  /** The compiler to the patch, where its file tells, and how it is asked. */
  private List<String> means() {
    List<String> means = options();
    means.add(CudaLibraries.status(CudaLibrary.NVRTC).version());
    return means;
  }

  private List<String> options() {
    List<String> options = new ArrayList<>();
    options.add("--gpu-architecture=" + target());
    options.add("--std=c++17");
    // Or it takes generic lambdas for code of the host, of which it compiles none.
    options.add("--device-as-default-execution-space");
    return options;
  }

  /**
   * Compiles.
   *
   * @return a cubin, or PTX text with a zero byte behind it
   * @throws CudaException with the compiler's words if it refuses
   */
  byte[] compile(KernelSources sources) {
    nvrtcProgram program = new nvrtcProgram();
    String[] names = sources.headers().keySet().toArray(String[]::new);
    String[] texts = sources.headers().values().toArray(String[]::new);
    String about = "family=" + sources.family() + ", " + target() + ", " + name();
    check(
        "nvrtcCreateProgram",
        JNvrtc.nvrtcCreateProgram(
            program, sources.main(), sources.family() + ".cu", names.length, texts, names),
        about);
    try {
      List<String> options = options();
      options.add("--include-path=" + includeFolder);
      int status =
          JNvrtc.nvrtcCompileProgram(program, options.size(), options.toArray(String[]::new));
      if (status != SUCCESS) {
        throw Failure.nvrtc("nvrtcCompileProgram", status, about + "\n" + log(program));
      }
      return exact ? cubin(program, about) : ptx(program, about);
    } finally {
      JNvrtc.nvrtcDestroyProgram(program);
    }
  }

  private static byte[] cubin(nvrtcProgram program, String about) {
    long[] size = new long[1];
    check("nvrtcGetCUBINSize", JNvrtc.nvrtcGetCUBINSize(program, size), about);
    byte[] image = new byte[Math.toIntExact(size[0])];
    check("nvrtcGetCUBIN", JNvrtc.nvrtcGetCUBIN(program, image), about);
    return image;
  }

  private static byte[] ptx(nvrtcProgram program, String about) {
    String[] text = new String[1];
    check("nvrtcGetPTX", JNvrtc.nvrtcGetPTX(program, text), about);
    byte[] bytes = text[0].getBytes(StandardCharsets.US_ASCII);
    return Arrays.copyOf(bytes, bytes.length + 1);
  }

  private static String log(nvrtcProgram program) {
    String[] text = new String[1];
    int status = JNvrtc.nvrtcGetProgramLog(program, text);
    return status == SUCCESS ? text[0].strip() : "(and no log: status " + status + ")";
  }

  private static void check(String call, int status, String about) {
    if (status != SUCCESS) {
      throw Failure.nvrtc(call, status, about);
    }
  }
}
