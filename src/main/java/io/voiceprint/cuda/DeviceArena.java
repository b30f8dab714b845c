package io.voiceprint.cuda;

import static io.voiceprint.cuda.Failure.SUCCESS;

import java.util.ArrayList;
import java.util.List;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.JCudaDriver;

/**
 * Device memory that grows where it lies: an address range is reserved once and backed with
 * physical memory piece by piece, so that what was captured with its addresses stays valid.
 *
 * <p>Where that is not possible, because the device has no virtual memory management ({@link
 * CudaDevice#virtualMemory()}) or the build made no native part for it, the arena gets the whole
 * range at once as plain memory: addresses are as stable, {@link #growsInPlace()} is false, and it
 * is the constructor that runs out of memory.
 */
public final class DeviceArena extends CudaResource {
  private final DevicePointer base = new DevicePointer();
  private final List<Long> mappedPieces = new ArrayList<>();
  private final boolean growsInPlace;
  private final long granularity;
  private final long reservedBytes;
  private long mappedBytes;

  /**
   * Reserves an address range; no memory yet, if the device grows in place.
   *
   * @param what what it is for, for messages
   * @param bytes the most it may ever hold; rounded up to the device's mapping granularity
   */
  public DeviceArena(CudaContext context, String what, long bytes) {
    super(context, "arena '" + what + "'");
    if (bytes < 1) {
      throw new IllegalArgumentException(name() + ": bytes=" + bytes + ", must be at least 1");
    }
    growsInPlace = canGrow(context.device());
    granularity = growsInPlace ? granularity() : 1;
    reservedBytes = roundUp(bytes);
    if (growsInPlace) {
      check(
          "cuMemAddressReserve",
          JCudaDriver.cuMemAddressReserve(base, reservedBytes, 0, new CUdeviceptr(), 0),
          reservedBytes);
    } else {
      check("cuMemAlloc", JCudaDriver.cuMemAlloc(base, reservedBytes), reservedBytes);
      mappedBytes = reservedBytes;
    }
    opened();
  }

  /** Whether arenas on a device grow in place. */
  public static boolean canGrow(CudaDevice device) {
    return device.virtualMemory() && MappedMemory.isAvailable();
  }

  /** Address of the first byte; never changes. */
  public long address() {
    if (isClosed()) {
      use();
    }
    return base.address();
  }

  /** Bytes from {@link #address()} on that may be used. */
  public long mappedBytes() {
    return mappedBytes;
  }

  public long reservedBytes() {
    return reservedBytes;
  }

  /** False if the device made this take all its memory at the start. */
  public boolean growsInPlace() {
    return growsInPlace;
  }

  /**
   * Makes at least this many bytes usable; content and addresses stay. Does not wait for the device
   * and must not be called while a stream is being captured on this thread.
   *
   * @return whether memory was added
   * @throws IllegalArgumentException if more than {@link #reservedBytes()} is asked for
   * @throws CudaException of kind {@code OUT_OF_MEMORY} if the device has no room; the arena stays
   *     as it was
   */
  public boolean ensure(long bytes) {
    use();
    if (bytes > reservedBytes) {
      throw new IllegalArgumentException(
          name() + ": bytes=" + bytes + " but reservedBytes=" + reservedBytes);
    }
    if (bytes <= mappedBytes) {
      return false;
    }
    map(roundUp(bytes) - mappedBytes);
    return true;
  }

  /**
   * Gives back what lies beyond these bytes, as far as it was added in pieces that lie wholly
   * beyond them. Nothing may use it any more, and it does not wait for the device; addresses stay
   * reserved.
   *
   * @throws CudaException if that fails; the arena keeps what could not be given back
   */
  public void shrink(long bytes) {
    while (growsInPlace && !mappedPieces.isEmpty()) {
      int last = mappedPieces.size() - 1;
      long piece = mappedPieces.get(last);
      long begin = mappedBytes - piece;
      if (begin < bytes) {
        return;
      }
      use();
      check(
          "cuMemUnmap",
          JCudaDriver.cuMemUnmap(new DevicePointer(base.address() + begin), piece),
          piece);
      mappedPieces.remove(last);
      mappedBytes = begin;
    }
  }

  private void map(long bytes) {
    long outcome =
        MappedMemory.map(base.address() + mappedBytes, bytes, context.device().ordinal());
    check(MappedMemory.CALLS.get((int) (outcome >>> 32)), (int) outcome, bytes);
    mappedPieces.add(bytes);
    mappedBytes += bytes;
  }

  private long granularity() {
    long bytes = MappedMemory.granularity(context.device().ordinal());
    check("cuMemGetAllocationGranularity", bytes < 0 ? (int) -bytes : SUCCESS, 0);
    return bytes;
  }

  private long roundUp(long bytes) {
    return Math.multiplyExact((bytes - 1) / granularity + 1, granularity);
  }

  private void check(String call, int status, long bytes) {
    if (status != SUCCESS) {
      throw context.failed(
          call,
          status,
          name()
              + ", bytes="
              + bytes
              + ", mappedBytes="
              + mappedBytes
              + ", reservedBytes="
              + reservedBytes);
    }
  }

  @Override
  void release() {
    if (!growsInPlace) {
      check("cuMemFree", JCudaDriver.cuMemFree(base), reservedBytes);
      return;
    }
    // What is mapped may still be in use; unmapping does not wait by itself. Addresses and mappings
    // belong to the process, not to the context, so they are given back even if waiting fails.
    int waited = context.waitForAll();
    int unmapped = SUCCESS;
    long address = base.address();
    for (long piece : mappedPieces) {
      int status = JCudaDriver.cuMemUnmap(new DevicePointer(address), piece);
      unmapped = unmapped == SUCCESS ? status : unmapped;
      address += piece;
    }
    int freed = JCudaDriver.cuMemAddressFree(base, reservedBytes);
    check("cuCtxSynchronize", waited, mappedBytes);
    check("cuMemUnmap", unmapped, mappedBytes);
    check("cuMemAddressFree", freed, reservedBytes);
  }
}
