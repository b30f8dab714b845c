package io.voiceprint.cuda;

import java.util.List;

/** The libraries of CUDA that are used, in the order in which they must be loaded. */
public enum CudaLibrary {
  DRIVER(
      List.of("libcuda.so.1"),
      "libcuda.so.1",
      "",
      List.of(),
      "install the NVIDIA driver, 525 or newer"),
  CUBLAS(
      List.of("libcublas.so.12", "libcublas.so.13"),
      "libcublas.so.12",
      "libJCublas2-12.6.0-linux-x86_64.so",
      List.of("libcublasLt.so.12", "libcublasLt.so.13"),
      "install cuBLAS of CUDA 12 or 13 (package libcublas-12-* or libcublas-13-*, or pip nvidia-cublas-cu12)"),
  CUFFT(
      List.of("libcufft.so.10", "libcufft.so.11", "libcufft.so.12"),
      "libcufft.so.10",
      "libJCufft-12.6.0-linux-x86_64.so",
      List.of(),
      "install cuFFT of CUDA 12 or 13 (package libcufft-12-* or libcufft-13-*, or pip nvidia-cufft-cu12)"),
  NVRTC(
      List.of("libnvrtc.so.12", "libnvrtc.so.13"),
      "libnvrtc.so.12",
      "libJNvrtc-12.6.0-linux-x86_64.so",
      List.of(),
      "install NVRTC of CUDA 12 or 13 (package cuda-nvrtc-12-* or cuda-nvrtc-13-*, or pip nvidia-cuda-nvrtc-cu12)"),
  CUDNN(
      List.of("libcudnn.so.9"),
      "libcudnn.so.9",
      "libJCudnn-12.6.0-linux-x86_64.so",
      List.of(),
      "install cuDNN 9 (package libcudnn9-cuda-12 or libcudnn9-cuda-13, or pip nvidia-cudnn-cu12)");

  private final List<String> names;
  private final String boundName;
  private final String binding;
  private final List<String> companions;
  private final String remedy;

  CudaLibrary(
      List<String> names,
      String boundName,
      String binding,
      List<String> companions,
      String remedy) {
    this.names = names;
    this.boundName = boundName;
    this.binding = binding;
    this.companions = companions;
    this.remedy = remedy;
  }

  /** File names that will do, best first. */
  List<String> names() {
    return names;
  }

  /** The name JCuda's native part asks the loader for. */
  String boundName() {
    return boundName;
  }

  String binding() {
    return binding;
  }

  List<String> companions() {
    return companions;
  }

  /** What to do if it is missing. */
  public String remedy() {
    return remedy;
  }
}
