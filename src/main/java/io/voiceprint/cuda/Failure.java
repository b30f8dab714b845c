package io.voiceprint.cuda;

import io.voiceprint.cuda.CudaException.Kind;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;
import jcuda.jcublas.JCublas2;
import jcuda.jcublas.cublasStatus;
import jcuda.jcudnn.JCudnn;
import jcuda.jcudnn.cudnnStatus;
import jcuda.jcufft.cufftResult;
import jcuda.nvrtc.JNvrtc;
import jcuda.nvrtc.nvrtcResult;

/** Turns the status of each library into a {@link CudaException}. */
final class Failure {
  /** Every library of CUDA calls its success 0. */
  static final int SUCCESS = 0;

  private Failure() {}

  static CudaException driver(String call, int status, String about) {
    return driver(driverKind(call, status), call, status, about);
  }

  static CudaException driver(Kind kind, String call, int status, String about) {
    String[] text = new String[1];
    JCudaDriver.cuGetErrorString(status, text);
    return failure(kind, call, status, CUresult.stringFor(status), text[0], about);
  }

  static CudaException cublas(String call, int status, String about) {
    return failure(
        switch (status) {
          case cublasStatus.CUBLAS_STATUS_ALLOC_FAILED -> Kind.OUT_OF_MEMORY;
          case cublasStatus.CUBLAS_STATUS_EXECUTION_FAILED -> Kind.LAUNCH_FAILURE;
          default -> Kind.OTHER;
        },
        call,
        status,
        cublasStatus.stringFor(status),
        JCublas2.cublasGetStatusString(status),
        about);
  }

  static CudaException cudnn(String call, int status, String about) {
    return failure(
        cudnnKind(status),
        call,
        status,
        JCudnn.cudnnGetErrorString(status),
        "cuDNN " + JCudnn.cudnnGetVersion(),
        about);
  }

  static CudaException cufft(String call, int status, String about) {
    return failure(
        switch (status) {
          case cufftResult.CUFFT_ALLOC_FAILED -> Kind.OUT_OF_MEMORY;
          case cufftResult.CUFFT_EXEC_FAILED -> Kind.LAUNCH_FAILURE;
          default -> Kind.OTHER;
        },
        call,
        status,
        cufftResult.stringFor(status),
        null,
        about);
  }

  static CudaException nvrtc(String call, int status, String about) {
    return failure(
        Kind.OTHER,
        call,
        status,
        nvrtcResult.stringFor(status),
        JNvrtc.nvrtcGetErrorString(status),
        about);
  }

  /**
   * Statuses after which the driver refuses every further call on the context ("sticky" in the CUDA
   * programming guide) are a lost context. Among the others, what a launch returns is its own
   * failure.
   */
  static Kind driverKind(String call, int status) {
    return switch (status) {
      case CUresult.CUDA_ERROR_OUT_OF_MEMORY -> Kind.OUT_OF_MEMORY;
      case CUresult.CUDA_ERROR_NO_DEVICE,
          CUresult.CUDA_ERROR_STUB_LIBRARY,
          CUresult.CUDA_ERROR_SYSTEM_NOT_READY,
          CUresult.CUDA_ERROR_SYSTEM_DRIVER_MISMATCH,
          CUresult.CUDA_ERROR_COMPAT_NOT_SUPPORTED_ON_DEVICE ->
          Kind.UNAVAILABLE;
      case CUresult.CUDA_ERROR_DEINITIALIZED,
          CUresult.CUDA_ERROR_DEVICE_UNAVAILABLE,
          CUresult.CUDA_ERROR_ECC_UNCORRECTABLE,
          CUresult.CUDA_ERROR_NVLINK_UNCORRECTABLE,
          CUresult.CUDA_ERROR_ILLEGAL_ADDRESS,
          CUresult.CUDA_ERROR_LAUNCH_TIMEOUT,
          CUresult.CUDA_ERROR_CONTEXT_IS_DESTROYED,
          CUresult.CUDA_ERROR_ASSERT,
          CUresult.CUDA_ERROR_HARDWARE_STACK_ERROR,
          CUresult.CUDA_ERROR_ILLEGAL_INSTRUCTION,
          CUresult.CUDA_ERROR_MISALIGNED_ADDRESS,
          CUresult.CUDA_ERROR_INVALID_ADDRESS_SPACE,
          CUresult.CUDA_ERROR_INVALID_PC,
          CUresult.CUDA_ERROR_LAUNCH_FAILED,
          CUresult.CUDA_ERROR_EXTERNAL_DEVICE ->
          Kind.LOST_CONTEXT;
      case CUresult.CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES -> Kind.LAUNCH_FAILURE;
      default ->
          call.endsWith("Launch") || call.endsWith("LaunchKernel")
              ? Kind.LAUNCH_FAILURE
              : Kind.OTHER;
    };
  }

  /** cuDNN 8 numbered its statuses 1 to 14; cuDNN 9 gives each thousand one class. */
  static Kind cudnnKind(int status) {
    return switch (status) {
      case cudnnStatus.CUDNN_STATUS_ALLOC_FAILED, 4002, 4003 -> Kind.OUT_OF_MEMORY;
      case cudnnStatus.CUDNN_STATUS_EXECUTION_FAILED -> Kind.LAUNCH_FAILURE;
      default -> status / 1000 == 5 ? Kind.LAUNCH_FAILURE : Kind.OTHER;
    };
  }

  private static CudaException failure(
      Kind kind, String call, int status, String name, String text, String about) {
    StringBuilder message = new StringBuilder(call).append(" returned ").append(name);
    message.append(" (").append(status);
    if (text != null && !text.isBlank()) {
      message.append(": ").append(text);
    }
    message.append(')');
    if (!about.isEmpty()) {
      message.append(", ").append(about);
    }
    return new CudaException(kind, call, status, message.toString());
  }
}
