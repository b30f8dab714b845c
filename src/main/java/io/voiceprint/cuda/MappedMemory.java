package io.voiceprint.cuda;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Maps device memory into a reserved address range through a small native part of our own ({@code
 * src/main/native/mapping.c}), since three of JCuda's functions for it are broken.
 */
final class MappedMemory {
  private static final System.Logger LOG = System.getLogger(MappedMemory.class.getName());

  /** The calls {@link #map} makes, in the order of the numbers it answers with. */
  static final List<String> CALLS =
      List.of("cuMemCreate", "cuMemMap", "cuMemSetAccess", "cuMemRelease");

  private static final boolean AVAILABLE = load();

  private MappedMemory() {}

  /** False if this build has no native part, for want of a C compiler. */
  static boolean isAvailable() {
    return AVAILABLE;
  }

  /**
   * The unit of what is mapped on a device.
   *
   * @return bytes, or the status of {@code cuMemGetAllocationGranularity}, negated
   */
  static native long granularity(int device);

  /**
   * Creates memory, maps it at {@code address} and allows reading and writing it, or changes
   * nothing.
   *
   * @param bytes a multiple of the device's mapping granularity
   * @return 0, or the number of the call that failed in the upper 32 bits and its status in the
   *     lower
   */
  static native long map(long address, long bytes, int device);

  private static boolean load() {
    try {
      Path folder = JcudaBinding.privateFolder();
      Path file = folder.resolve("libvoiceprint_mapping.so");
      try {
        JcudaBinding.unpack(MappedMemory.class, "native/libvoiceprint_mapping.so", file);
        System.load(file.toString());
        return true;
      } finally {
        Files.deleteIfExists(file);
        Files.delete(folder);
      }
    } catch (IOException | UnsatisfiedLinkError e) {
      LOG.log(
          System.Logger.Level.WARNING,
          "memory cannot grow in place, arenas take their full size at once: " + e.getMessage());
      return false;
    }
  }
}
