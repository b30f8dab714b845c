package io.voiceprint.simcuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Controls of the software CUDA device ({@code src/test/native/simcuda}): faults to inject,
 * counters to read. The device itself is used through JCuda like any other. One per process.
 */
public final class SimCuda {
  private static final List<String> LIBRARIES =
      List.of(
          "libcuda.so.1", "libcublas.so.12", "libcudnn.so.9", "libcufft.so.10", "libnvrtc.so.12");

  /** All that a program can hold, for {@link #live}. */
  public static final List<String> KINDS =
      List.of(
          "context",
          "allocation",
          "pinned buffer",
          "reservation",
          "physical memory",
          "mapping",
          "stream",
          "event",
          "module",
          "graph",
          "executable graph",
          "cublas handle",
          "cudnn handle",
          "cudnn descriptor",
          "cufft plan");

  private SimCuda() {}

  /**
   * Loads the device's libraries, so that JCuda's natives bind to them. Skips the test if it was
   * not built, or if the tests run on a GPU.
   */
  public static void require() {
    String folder = System.getenv().getOrDefault("VOICEPRINT_CUDA_PATH", "");
    Path libraries = Path.of(folder, "lib").toAbsolutePath();
    assumeTrue(
        !folder.isBlank() && Files.exists(libraries.resolve("libcuda.so.1")),
        "VOICEPRINT_CUDA_PATH=" + folder + " holds no software CUDA device");
    for (String library : LIBRARIES) {
      System.load(libraries.resolve(library).toString());
    }
    try {
      launches();
    } catch (UnsatisfiedLinkError e) {
      assumeTrue(false, libraries + " is no software CUDA device: " + e.getMessage());
    }
  }

  /**
   * Makes the nth next call fail.
   *
   * @param call name of the native function, such as {@code "cuMemAlloc_v2"}; a {@code *} at its
   *     end stands for any rest
   * @param nth 1 for the next such call
   * @param status what it returns; 0 for what such a call usually fails with. A status that stays
   *     with the context, such as 719, breaks every context that exists, as {@link #loseDevice}; a
   *     library then returns what it calls a failed execution
   */
  public static native void fail(String call, long nth, int status);

  /** Breaks every context that now exists with {@code CUDA_ERROR_LAUNCH_FAILED}; new ones work. */
  public static native void loseDevice();

  /**
   * Lets the device look like another card until the next reset. An engine that is open goes on
   * with what it knows of the card before.
   *
   * @param computeCapability major × 10 + minor; 90 has the multiprocessors and the shared memory
   *     of an H200, all others those of the usual device, which is 86
   */
  public static native void card(int computeCapability);

  /** Threads that are held back until this is released or closed, which may follow one another. */
  public static final class Hold implements AutoCloseable {
    private Hold(String call) {
      hold0(call);
    }

    /** Waits until a thread is held back. */
    public void await() {
      awaitHeld();
    }

    public void release() {
      release0();
    }

    @Override
    public void close() {
      release();
    }
  }

  /**
   * Holds back every thread that makes such a call; others go on.
   *
   * @param call as in {@link #fail}; of the driver
   */
  public static Hold hold(String call) {
    return new Hold(call);
  }

  private static native void hold0(String call);

  private static native void awaitHeld();

  private static native void release0();

  /**
   * Releases what is held back, forgets the card, faults, counts of calls and of launches, and the
   * last message.
   */
  public static native void reset();

  /** Seeds the order in which threads and blocks run. */
  public static native void seed(long seed);

  /** Calls of a native function since the last reset, {@code *} as in {@link #fail}. */
  public static native long calls(String call);

  /**
   * Things that were made and not given back.
   *
   * @param kind {@code "context"}, {@code "allocation"}, {@code "pinned buffer"}, {@code
   *     "reservation"}, {@code "physical memory"}, {@code "mapping"}, {@code "stream"}, {@code
   *     "event"}, {@code "module"}, {@code "graph"}, {@code "executable graph"}, {@code "cublas
   *     handle"}, {@code "cudnn handle"}, {@code "cudnn descriptor"}, {@code "cufft plan"}; {@code
   *     "leak"} counts allocations that died with their context
   */
  public static native long live(String kind);

  /** Device memory in use, in bytes. */
  public static native long liveBytes();

  /** Fails where an object of the driver is not released, or memory not freed. */
  public static void requireNothingLeft() {
    for (String kind : KINDS) {
      assertEquals(0, live(kind), kind);
    }
    assertEquals(0, liveBytes());
  }

  /** Kernels that ran since the last reset. */
  public static native long launches();

  /** Those of one device. */
  public static native long launchesOn(int device);

  /** As {@link #loseDevice}, of one device of several alone. */
  public static native void loseOneDevice(int device);

  /**
   * Shows so many devices, which share one memory, until the next reset. What is open on one that
   * is hidden again cannot be closed.
   */
  public static native void showDevices(int count);

  /** The last error in words, as it was printed on stderr; empty if there was none. */
  public static native String lastMessage();
}
