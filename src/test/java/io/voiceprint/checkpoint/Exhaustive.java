package io.voiceprint.checkpoint;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;

/** Opens a file and reads all of its weights, as a model loader would. */
final class Exhaustive {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private Exhaustive() {}

  /** Reads every tensor except counters, which are integers by right; returns the elements. */
  static long readAll(Path file) throws IOException {
    long elements = 0;
    StateDict state = StateDict.open(file);
    for (String name : state.names()) {
      if (!name.endsWith("num_batches_tracked")) {
        elements += state.tensor(name).readFloats().length;
      }
    }
    return elements;
  }

  /** Bytes this thread has allocated on the heap so far. */
  static long allocatedBytes() {
    return THREADS.getThreadAllocatedBytes(Thread.currentThread().getId());
  }

  /**
   * What reading a file may allocate in all: its weights as floats, and some 40 bytes of objects
   * for each byte of its description.
   */
  static long allowedBytes(long fileBytes) {
    return 40 * fileBytes + (4 << 20);
  }
}
