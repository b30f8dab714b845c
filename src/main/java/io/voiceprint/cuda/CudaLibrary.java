package io.voiceprint.cuda;

import java.util.List;
import java.util.Map;

/** The libraries of CUDA that are used. */
public enum CudaLibrary {
  DRIVER,
  CUBLAS,
  CUFFT,
  NVRTC,
  CUDNN;

  /** File names that will do, best first. */
  List<String> names() {
    return switch (this) {
      case DRIVER -> List.of("libcuda.so.1");
      case CUBLAS -> List.of("libcublas.so.12", "libcublas.so.13");
      case CUFFT -> List.of("libcufft.so.10", "libcufft.so.11", "libcufft.so.12");
      case NVRTC -> List.of("libnvrtc.so.12", "libnvrtc.so.13");
      case CUDNN -> List.of("libcudnn.so.9");
    };
  }

  /**
   * The name that JCuda's native part asks the loader for. A library found under another of {@link
   * #names()} is reached through a forwarding library of this name.
   */
  String boundName() {
    return names().get(0);
  }

  /** Libraries without which one found under {@code name} cannot be loaded. */
  List<String> dependencies(String name) {
    return this == CUBLAS ? List.of(name.replace("libcublas", "libcublasLt")) : List.of();
  }

  /**
   * Libraries that the one found under {@code name} opens by itself once it is used, as patterns of
   * file names. Loading them beforehand from the folder it was found in spares the user a search
   * path; those not there are left to the library. NVRTC 13 needs this: as published for Python it
   * does not look beside itself.
   */
  List<String> parts(String name) {
    return switch (this) {
      case CUDNN ->
          List.of(
              "libcudnn_graph.so.9",
              "libcudnn_engines_precompiled.so.9",
              "libcudnn_engines_runtime_compiled.so.9",
              "libcudnn_heuristic.so.9",
              "libcudnn_ops.so.9",
              "libcudnn_cnn.so.9");
      case NVRTC -> List.of(name.replace("libnvrtc", "libnvrtc-builtins") + ".*");
      case DRIVER, CUBLAS, CUFFT -> List.of();
    };
  }

  /** Other libraries it opens by name, best loaded before it. */
  List<CudaLibrary> before() {
    return this == CUDNN ? List.of(CUBLAS, NVRTC) : List.of();
  }

  /**
   * JCuda's native part for this library: the resource that holds it, and the file name under which
   * JCuda 12.6 looks for it. They differ for cuFFT, whose newest published native part is 11.8.
   */
  Map.Entry<String, String> binding() {
    String asked = "lib" + bindingName() + "-12.6.0-linux-x86_64.so";
    return Map.entry("/lib/" + (this == CUFFT ? asked.replace("12.6.0", "11.8.0") : asked), asked);
  }

  private String bindingName() {
    return switch (this) {
      case DRIVER -> "JCudaDriver";
      case CUBLAS -> "JCublas2";
      case CUFFT -> "JCufft";
      case NVRTC -> "JNvrtc";
      case CUDNN -> "JCudnn";
    };
  }

  /** What to do if it is missing. */
  public String remedy() {
    return switch (this) {
      case DRIVER -> "install the NVIDIA driver, 525 or newer";
      case CUBLAS ->
          "install cuBLAS of CUDA 12 or 13 (package libcublas-12-6, or pip nvidia-cublas-cu12)";
      case CUFFT ->
          "install cuFFT of CUDA 12 or 13 (package libcufft-12-6, or pip nvidia-cufft-cu12)";
      case NVRTC ->
          "install NVRTC of CUDA 12 or 13 (package cuda-nvrtc-12-6, or pip nvidia-cuda-nvrtc-cu12)";
      case CUDNN -> "install cuDNN 9 (package libcudnn9-cuda-12, or pip nvidia-cudnn-cu12)";
    };
  }
}
