package io.voiceprint.cuda;

import jcuda.driver.CUresult;

/**
 * What to do where the driver does not start, by what {@code cuInit} returned. After NVIDIA's
 * descriptions of the statuses (CUDA Driver API, "Data types used by CUDA driver").
 */
final class StartRemedy {
  private StartRemedy() {}

  static String of(int status) {
    return switch (status) {
      case CUresult.CUDA_ERROR_NO_DEVICE ->
          "see what nvidia-smi -L lists and whether CUDA_VISIBLE_DEVICES hides it; a container must"
              + " be started with access to the GPU";
      case CUresult.CUDA_ERROR_STUB_LIBRARY ->
          "what was found is the toolkit's stub for linking; take its folder (stubs) out of the"
              + " search path and install the driver";
      case CUresult.CUDA_ERROR_SYSTEM_NOT_READY ->
          "the driver's services are not up; on a machine with NVSwitch start nvidia-fabricmanager";
      case CUresult.CUDA_ERROR_SYSTEM_DRIVER_MISMATCH ->
          "the driver's library and its kernel module are of different versions; restart the"
              + " machine after an update of the driver";
      case CUresult.CUDA_ERROR_COMPAT_NOT_SUPPORTED_ON_DEVICE ->
          "the compatibility package in use does not serve this card; remove it and update the"
              + " driver";
      default -> "see whether nvidia-smi works, and what the system's log says of the driver";
    };
  }
}
