package io.voiceprint.engine.cpu;

import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinWorkerThread;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.Pointer;

/**
 * Sees to it that the threads which share a layer's work run at the same time. They wait for each
 * other at every layer; where other threads of the process come and go, as a server's do, Linux
 * otherwise puts two of them on one processor again and again, while another idles.
 */
final class Affinity {
  /** Variables by which a user says where OpenMP's threads run: then that stays. */
  private static final boolean LEFT_TO_USER =
      Stream.of("OMP_PROC_BIND", "OMP_PLACES", "GOMP_CPU_AFFINITY")
          .anyMatch(name -> System.getenv(name) != null);

  /** Whether a thread was given a processor, which those that it starts inherit. */
  private static volatile boolean settled;

  private Affinity() {}

  /** Notes which processors the process may use. Our native part must be loaded. */
  static native void prepare();

  /**
   * Gives each thread of the calling thread's team a processor of its own, where the team has a
   * thread for every processor. A smaller team moves freely: others may have chosen the same
   * processors.
   */
  static void settle(int threads) {
    Pointer parallel = Loader.addressof("GOMP_parallel");
    Pointer number = Loader.addressof("omp_get_thread_num");
    if (!LEFT_TO_USER
        && parallel != null
        && number != null
        && settle(parallel.address(), number.address(), threads)) {
      settled = true;
    }
  }

  /** A worker that runs on every processor, though a settled thread may have started it. */
  static ForkJoinWorkerThread worker(ForkJoinPool pool) {
    return new Worker(pool);
  }

  private static final class Worker extends ForkJoinWorkerThread {
    Worker(ForkJoinPool pool) {
      super(pool);
    }

    @Override
    protected void onStart() {
      super.onStart();
      if (settled) {
        roam();
      }
    }
  }

  private static native boolean settle(long parallel, long threadNumber, int threads);

  private static native void roam();
}
