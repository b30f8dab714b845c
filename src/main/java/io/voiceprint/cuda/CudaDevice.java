package io.voiceprint.cuda;

import static io.voiceprint.cuda.Failure.SUCCESS;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdevice_attribute;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;

/**
 * A CUDA device as the driver describes it. Immutable.
 *
 * @param ordinal its number among the devices this process may see ({@code CUDA_VISIBLE_DEVICES})
 * @param name such as {@code "NVIDIA L4"}
 * @param computeCapability major × 10 + minor: 89 for 8.9
 * @param totalBytes device memory
 * @param multiprocessors number of SMs
 * @param maxSharedBytesPerBlock with opt-in; see {@link Kernel#allowSharedBytes}
 * @param sharedBytesPerMultiprocessor shared memory of one SM
 * @param virtualMemory whether address ranges can be reserved and mapped piece by piece
 * @param driverVersion CUDA version of the driver: 1000 × major + 10 × minor, 12060 for 12.6
 */
public record CudaDevice(
    int ordinal,
    String name,
    int computeCapability,
    long totalBytes,
    int multiprocessors,
    int maxSharedBytesPerBlock,
    int sharedBytesPerMultiprocessor,
    boolean virtualMemory,
    int driverVersion) {

  /** Oldest driver this works with: CUDA 12.0, which is driver 525. */
  public static final int MINIMUM_DRIVER_VERSION = 12000;

  /** Oldest compute capability the kernels are built for: 7.5 (Turing). */
  public static final int MINIMUM_COMPUTE_CAPABILITY = 75;

  /**
   * The devices of this machine, in the driver's order.
   *
   * @throws CudaException if there is no driver, it is too old, or it has no device
   */
  public static List<CudaDevice> list() {
    int version = loadedDriverVersion();
    if (version < MINIMUM_DRIVER_VERSION) {
      throw CudaException.unavailable(
          "the NVIDIA driver supports CUDA "
              + dotted(version)
              + " but at least "
              + dotted(MINIMUM_DRIVER_VERSION)
              + " (driver 525) is needed; update the driver");
    }
    int started = JCudaDriver.cuInit(0);
    check("cuInit", started, StartRemedy.of(started));
    int[] count = new int[1];
    check("cuDeviceGetCount", JCudaDriver.cuDeviceGetCount(count), "");
    if (count[0] == 0) {
      throw CudaException.unavailable(
          "the driver shows no device: " + StartRemedy.of(CUresult.CUDA_ERROR_NO_DEVICE));
    }
    List<CudaDevice> devices = new ArrayList<>();
    for (int ordinal = 0; ordinal < count[0]; ordinal++) {
      devices.add(describe(ordinal, version));
    }
    return List.copyOf(devices);
  }

  /**
   * The newest CUDA that the driver supports, as {@link #driverVersion}; asks for no device.
   *
   * @throws CudaException if there is no driver
   */
  public static int loadedDriverVersion() {
    CudaLibraries.require(CudaLibrary.DRIVER);
    int[] version = new int[1];
    check("cuDriverGetVersion", JCudaDriver.cuDriverGetVersion(version), "");
    return version[0];
  }

  /** {@code "8.9"} for a compute capability, {@code "12.6"} for a driver version. */
  public static String dotted(int version) {
    return version < 1000
        ? version / 10 + "." + version % 10
        : version / 1000 + "." + version % 1000 / 10;
  }

  private static CudaDevice describe(int ordinal, int driverVersion) {
    CUdevice device = handle(ordinal);
    byte[] name = new byte[256];
    check(
        "cuDeviceGetName",
        JCudaDriver.cuDeviceGetName(name, name.length, device),
        "device=" + ordinal);
    int length = 0;
    while (length < name.length && name[length] != 0) {
      length++;
    }
    long[] bytes = new long[1];
    check("cuDeviceTotalMem", JCudaDriver.cuDeviceTotalMem(bytes, device), "device=" + ordinal);
    return new CudaDevice(
        ordinal,
        new String(name, 0, length, StandardCharsets.UTF_8),
        attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR) * 10
            + attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR),
        bytes[0],
        attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT),
        attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN),
        attribute(
            device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_MULTIPROCESSOR),
        attribute(
                device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_VIRTUAL_MEMORY_MANAGEMENT_SUPPORTED)
            != 0,
        driverVersion);
  }

  /** Bytes of the cache between its multiprocessors and its memory; asks the driver. */
  public long l2CacheBytes() {
    return attribute(handle(), CUdevice_attribute.CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE);
  }

  CUdevice handle() {
    return handle(ordinal);
  }

  private static CUdevice handle(int ordinal) {
    CUdevice device = new CUdevice();
    check("cuDeviceGet", JCudaDriver.cuDeviceGet(device, ordinal), "device=" + ordinal);
    return device;
  }

  private static int attribute(CUdevice device, int attribute) {
    int[] value = new int[1];
    check(
        "cuDeviceGetAttribute",
        JCudaDriver.cuDeviceGetAttribute(value, attribute, device),
        CUdevice_attribute.stringFor(attribute));
    return value[0];
  }

  private static void check(String call, int status, String about) {
    if (status != SUCCESS) {
      throw Failure.driver(call, status, about);
    }
  }

  /** Whether this is the software device of the tests, which computes on the CPU. */
  public boolean isSoftware() {
    return name().startsWith("simcuda");
  }

  /** Such as {@code "device 0 (NVIDIA L4, compute capability 8.9)"}. */
  @Override
  public String toString() {
    return "device "
        + ordinal
        + " ("
        + name
        + ", compute capability "
        + dotted(computeCapability)
        + ")";
  }
}
