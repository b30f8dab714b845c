package io.voiceprint.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * Memory in use, in MiB. The peak is that of the whole process, Java and what the check before the
 * measurement left behind included.
 *
 * @param peakResident most that was resident since {@link #resetPeak}; empty where the system does
 *     not tell
 * @param heapUsed of the Java heap, garbage included
 * @param heapCommitted that Java took from the system
 * @param device in use on a device with memory of its own, by all its users
 */
record MemoryUse(
    OptionalDouble peakResident, double heapUsed, double heapCommitted, OptionalDouble device) {
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final Path CLEAR = Path.of("/proc/self/clear_refs");

  /** Asks Linux to forget the highest resident size; see {@code proc_pid_clear_refs(5)}. */
  private static final String FORGET_PEAK = "5";

  private static final double MIB = 1 << 20;

  /** Collects garbage and lets the peak begin anew, where the system can. */
  static void resetPeak() {
    System.gc();
    try {
      Files.writeString(CLEAR, FORGET_PEAK);
    } catch (IOException e) {
      // Then the peak is that since the process began: never too small.
    }
  }

  /** Now. */
  static MemoryUse now(OptionalLong deviceBytes) {
    Runtime java = Runtime.getRuntime();
    return new MemoryUse(
        peak(),
        (java.totalMemory() - java.freeMemory()) / MIB,
        java.totalMemory() / MIB,
        deviceBytes.isPresent()
            ? OptionalDouble.of(deviceBytes.getAsLong() / MIB)
            : OptionalDouble.empty());
  }

  /** Most that this process had resident. */
  static OptionalDouble peak() {
    try (Stream<String> lines = Files.lines(STATUS)) {
      return lines
          .filter(line -> line.startsWith("VmHWM:"))
          .mapToDouble(line -> Long.parseLong(line.replaceAll("\\D", "")) / 1024.0)
          .findFirst();
    } catch (IOException e) {
      return OptionalDouble.empty();
    }
  }
}
