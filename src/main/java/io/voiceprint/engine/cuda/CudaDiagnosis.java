package io.voiceprint.engine.cuda;

import io.voiceprint.cuda.CudaContext;
import io.voiceprint.cuda.CudaDevice;
import io.voiceprint.cuda.CudaException;
import io.voiceprint.cuda.CudaLibraries;
import io.voiceprint.cuda.CudaLibrary;
import io.voiceprint.cuda.KernelLibrary;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What a machine has of CUDA, in plain words, for {@code voiceprint doctor}.
 *
 * @param libraries the driver and the libraries
 * @param devices the devices, empty without a usable driver
 */
public record CudaDiagnosis(List<Library> libraries, List<Device> devices) {

  /** The family whose module stands for the kernels of all families. */
  private static final String WITNESS = "conv";

  /**
   * A library.
   *
   * @param name such as {@code "cudnn"}
   * @param required whether the engine cannot do without it
   * @param usable whether it was loaded
   * @param path the file that was found, empty if none
   * @param version as its file name tells, empty if unknown
   * @param notes what was tried
   * @param problem what is wrong and what to do; empty if usable
   */
  public record Library(
      String name,
      boolean required,
      boolean usable,
      String path,
      String version,
      List<String> notes,
      String problem) {}

  /**
   * A device.
   *
   * @param ordinal its number
   * @param name such as {@code "NVIDIA L4"}
   * @param computeCapability such as {@code "8.9"}
   * @param driver CUDA version of the driver, such as {@code "12.6"}
   * @param totalBytes device memory
   * @param freeBytes of it free now; 0 if the device could not be opened
   * @param multiprocessors number of SMs
   * @param kernels which image of the kernels was loaded; empty if none
   * @param problem why it cannot be used; empty if it can
   */
  public record Device(
      int ordinal,
      String name,
      String computeCapability,
      String driver,
      long totalBytes,
      long freeBytes,
      int multiprocessors,
      String kernels,
      String problem) {
    public boolean isUsable() {
      return problem.isEmpty();
    }
  }

  public CudaDiagnosis {
    libraries = List.copyOf(libraries);
    devices = List.copyOf(devices);
  }

  /** Loads every library, opens every device and loads the kernels. */
  public static CudaDiagnosis run() {
    List<Library> libraries = new ArrayList<>();
    for (CudaLibraries.Status status : CudaLibraries.report()) {
      libraries.add(
          new Library(
              status.library().name().toLowerCase(Locale.ROOT),
              status.library() == CudaLibrary.DRIVER,
              status.isUsable(),
              status.path().map(Object::toString).orElse(""),
              status.version(),
              status.notes(),
              status.problem()));
    }
    List<Device> devices = new ArrayList<>();
    CudaEngines.Availability found = CudaEngines.probe();
    for (CudaDevice device : found.devices()) {
      devices.add(examine(device));
    }
    return new CudaDiagnosis(libraries, devices);
  }

  private static Device examine(CudaDevice device) {
    long free = 0;
    String kernels = "";
    String problem = "";
    try (CudaContext context = CudaContext.open(device)) {
      free = context.freeBytes();
      kernels = new KernelLibrary(context).module(WITNESS).name();
    } catch (CudaException e) {
      problem = e.getMessage();
    }
    int driver = device.driverVersion();
    return new Device(
        device.ordinal(),
        device.name(),
        device.computeCapability() / 10 + "." + device.computeCapability() % 10,
        driver / 1000 + "." + driver % 1000 / 10,
        device.totalBytes(),
        free,
        device.multiprocessors(),
        kernels,
        problem);
  }
}
