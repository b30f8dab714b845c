package io.voiceprint.diagnosis;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What is there of CUDA.
 *
 * @param driver the CUDA version that the driver supports, such as {@code "13.0"}; empty without a
 *     driver
 * @param minimumDriver the oldest that will do
 * @param libraries all that can be of use, found or not
 * @param devices all that the driver shows
 * @param problems what keeps CUDA, or some devices, from being used, and what to do
 */
public record CudaReport(
    Optional<String> driver,
    String minimumDriver,
    List<Library> libraries,
    List<Gpu> devices,
    List<String> problems) {

  /**
   * A library.
   *
   * @param name such as {@code "CUDNN"}
   * @param required whether nothing works without it; the others serve parts
   * @param path the file, if one was found
   * @param version as its file name tells; may be empty
   * @param notes where it was found, or every place tried
   * @param problem why it cannot be used and what to install; empty if it can
   */
  public record Library(
      String name,
      boolean required,
      Optional<Path> path,
      String version,
      List<String> notes,
      String problem) {
    /** Copies. */
    public Library {
      notes = List.copyOf(notes);
    }

    public boolean isUsable() {
      return problem.isEmpty();
    }
  }

  /**
   * A device.
   *
   * @param ordinal its number among those that this process may see
   * @param computeCapability such as {@code "9.0"}
   * @param totalBytes its memory
   * @param freeBytes what of it no process uses; 0 if the device could not be opened
   * @param multiprocessors number of SMs
   * @param kernels which device code each kernel family runs and where that came from, by family:
   *     {@code "fat binary of the build, sm_90"}
   * @param problem why it cannot be used; empty if it can
   */
  public record Gpu(
      int ordinal,
      String name,
      String computeCapability,
      long totalBytes,
      long freeBytes,
      int multiprocessors,
      Map<String, String> kernels,
      String problem) {
    /** Copies. */
    public Gpu {
      kernels = Map.copyOf(kernels);
    }

    public boolean isUsable() {
      return problem.isEmpty();
    }
  }

  /** Copies. */
  public CudaReport {
    libraries = List.copyOf(libraries);
    devices = List.copyOf(devices);
    problems = List.copyOf(problems);
  }
}
