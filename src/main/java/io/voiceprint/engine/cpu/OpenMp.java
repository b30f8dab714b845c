package io.voiceprint.engine.cpu;

import io.voiceprint.engine.EngineException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.Pointer;

/**
 * The OpenMP runtime that oneDNN is linked with, GNU libgomp. It reads how long an idle worker
 * spins from the environment, once, while it is loaded; so the variable is set before. Its thread
 * count belongs to the thread that opens a parallel region, so each encoder's own thread sets it.
 */
final class OpenMp {
  private static final String LIBRARY = "native/libvoiceprint-openmp.so";

  /**
   * Turns of the waiting loop before a worker sleeps: some tens of microseconds, enough for the gap
   * between two primitives. libgomp's default keeps a core busy for milliseconds after each call,
   * and OMP_WAIT_POLICY=passive costs two system calls per primitive.
   */
  private static final String SPIN_TURNS = "2000";

  /**
   * Where all teams of the process have more threads than there are processors, as those of two
   * models have, libgomp waits for 100 turns, whether or not they run at the same time: less than
   * one gap. With this policy it waits for 1000 (its env.c, {@code gomp_throttled_spin_count_var}).
   */
  private static final String WAIT_POLICY = "active";

  private OpenMp() {}

  /**
   * Loads our native part and sets the waiting policy; where the user's environment sets one, that
   * stays.
   *
   * @throws IOException if the native part was not built or cannot be unpacked
   */
  static void prepare() throws IOException {
    Path file = Files.createTempFile("voiceprint-openmp-", ".so");
    try (InputStream in = OpenMp.class.getResourceAsStream(LIBRARY)) {
      if (in == null) {
        throw new IOException(
            "io/voiceprint/engine/cpu/%s is not on the class path: build it with gcc installed"
                .formatted(LIBRARY));
      }
      Files.write(file, in.readAllBytes());
      System.load(file.toAbsolutePath().toString());
    } finally {
      Files.delete(file); // The loaded file needs no name.
    }
    if (System.getenv("OMP_WAIT_POLICY") == null) {
      requireDefault("GOMP_SPINCOUNT", SPIN_TURNS);
      requireDefault("OMP_WAIT_POLICY", WAIT_POLICY);
    }
  }

  private static void requireDefault(String name, String value) throws IOException {
    if (!setDefault(name, value)) {
      throw new IOException("setenv " + name + " failed: out of memory");
    }
  }

  /**
   * Threads of the parallel regions that the calling thread opens from now on.
   *
   * @param threads the caller's included; at least 1
   */
  static void useThreads(int threads) {
    Pointer function = Loader.addressof("omp_set_num_threads");
    if (function == null) {
      throw new EngineException("omp_set_num_threads was not found in the OpenMP runtime");
    }
    setThreads(function.address(), threads);
  }

  /**
   * Frees what a loaded library needed only to be linked, 14 MB of symbols of oneDNN. They are read
   * from its file again where something looks for a symbol.
   *
   * @param library name of its file
   */
  static native void releaseTables(String library);

  private static native boolean setDefault(String name, String value);

  private static native void setThreads(long function, int threads);
}
