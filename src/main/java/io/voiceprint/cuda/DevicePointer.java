package io.voiceprint.cuda;

import jcuda.driver.CUdeviceptr;

/** JCuda's pointer for a device address that is kept as a {@code long}. */
final class DevicePointer extends CUdeviceptr {
  private static final CUdeviceptr ZERO = new CUdeviceptr();

  /** For the driver to fill in. */
  DevicePointer() {}

  DevicePointer(long address) {
    super(ZERO, address);
  }

  long address() {
    return getNativePointer() + getByteOffset();
  }
}
