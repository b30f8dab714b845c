package io.voiceprint.cuda;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import jcuda.driver.JCudaDriver;
import jcuda.jcublas.JCublas2;
import jcuda.jcudnn.JCudnn;
import jcuda.jcufft.JCufft;
import jcuda.nvrtc.JNvrtc;

/**
 * Loads JCuda's native parts from a folder that is this process's own.
 *
 * <p>The static initialiser of each JCuda class first asks the JVM's library path and then, in
 * {@code LibUtils}, the file {@code <java.io.tmpdir>/lib<Name>-12.6.0-linux-x86_64.so}: if it lies
 * there it is loaded whoever put it there, else it is unpacked there. So the file is unpacked into
 * a new folder that only this user may enter, {@code java.io.tmpdir} names that folder while the
 * one class is initialised, and the folder is removed: the loaded file needs no name. JCuda itself
 * makes the call to {@code System.load}, so the native methods are bound to the class loader of
 * JCuda's classes, whichever that is.
 */
final class JcudaBinding {
  private static final String TEMPORARY_FOLDER = "java.io.tmpdir";

  private JcudaBinding() {}

  /**
   * @throws IOException if the native part is not on the class path or cannot be unpacked
   * @throws LinkageError if it cannot be loaded
   */
  static void load(CudaLibrary library) throws IOException {
    Map.Entry<String, String> binding = library.binding();
    Path folder = privateFolder();
    Path file = folder.resolve(binding.getValue());
    try {
      unpack(JCudaDriver.class, binding.getKey(), file);
      initialise(library, folder);
    } finally {
      Files.deleteIfExists(file);
      Files.delete(folder);
    }
  }

  static Path privateFolder() throws IOException {
    return Files.createTempDirectory(
        "voiceprint-",
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
  }

  static void unpack(Class<?> beside, String resource, Path file) throws IOException {
    try (InputStream in = beside.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IOException(resource + " is not on the class path");
      }
      Files.copy(in, file);
    }
  }

  private static synchronized void initialise(CudaLibrary library, Path folder) {
    String before = System.setProperty(TEMPORARY_FOLDER, folder.toString());
    try {
      // Statuses are checked here, call by call; JCuda's own exceptions say less.
      switch (library) {
        case DRIVER -> JCudaDriver.setExceptionsEnabled(false);
        case CUBLAS -> JCublas2.setExceptionsEnabled(false);
        case CUFFT -> JCufft.setExceptionsEnabled(false);
        case NVRTC -> JNvrtc.setExceptionsEnabled(false);
        case CUDNN -> JCudnn.setExceptionsEnabled(false);
      }
    } finally {
      System.setProperty(TEMPORARY_FOLDER, before);
    }
  }
}
