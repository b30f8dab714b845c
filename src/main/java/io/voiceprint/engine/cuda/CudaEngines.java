package io.voiceprint.engine.cuda;

import io.voiceprint.cuda.CudaContext;
import io.voiceprint.cuda.CudaDevice;
import io.voiceprint.cuda.CudaException;
import io.voiceprint.cuda.CudaLibraries;
import io.voiceprint.cuda.CudaLibrary;
import io.voiceprint.cuda.KernelLibrary;
import io.voiceprint.engine.EngineException;
import io.voiceprint.engine.Precision;
import io.voiceprint.engine.UnsupportedNetworkException;
import io.voiceprint.frontend.FbankOptions;
import io.voiceprint.graph.Graph;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Whether, and on what, a {@link CudaEngine} can be opened here. */
public final class CudaEngines {
  /** Rows that may be under way at once where nothing else is asked for. */
  private static final int USUAL_LANES = 3;

  private CudaEngines() {}

  /**
   * What a probe found.
   *
   * @param devices those that the engine supports, in the driver's order
   * @param reasons why others, or all, cannot be used and what to do; one line each
   */
  public record Availability(List<CudaDevice> devices, List<String> reasons) {
    public Availability {
      devices = List.copyOf(devices);
      reasons = List.copyOf(reasons);
    }

    public boolean isAvailable() {
      return !devices.isEmpty();
    }
  }

  /**
   * Looks for a driver and devices, without starting anything on a device. The engine needs the
   * driver alone: cuDNN, cuBLAS and cuFFT are used only where a tuning or an unusual front end asks
   * for them.
   */
  public static Availability probe() {
    List<CudaDevice> usable = new ArrayList<>();
    List<String> reasons = new ArrayList<>();
    CudaLibraries.Status driver = CudaLibraries.status(CudaLibrary.DRIVER);
    if (!driver.isUsable()) {
      return new Availability(List.of(), List.of(driver.problem()));
    }
    try {
      for (CudaDevice device : CudaDevice.list()) {
        if (device.computeCapability() >= CudaDevice.MINIMUM_COMPUTE_CAPABILITY) {
          usable.add(device);
        } else {
          reasons.add(device + " is older than compute capability 7.5 (Turing)");
        }
      }
    } catch (CudaException e) {
      reasons.add(e.getMessage());
    }
    return new Availability(usable, reasons);
  }

  /**
   * Loads the device code of every kernel family, compiling it where that is needed.
   *
   * @param context on the device to load it for
   * @return which code each family runs and where that came from, by family
   * @throws CudaException if no image of a family fits the device
   */
  public static Map<String, String> kernelImages(CudaContext context) {
    KernelLibrary library = new KernelLibrary(context);
    Map<String, String> images = new TreeMap<>();
    KernelSet.ENTRY_POINTS.forEach(
        (family, entryPoint) -> images.put(family, library.image(family, entryPoint)));
    return images;
  }

  /**
   * Opens the first device that the engine supports, tuned if {@code voiceprint tune} was run for
   * it.
   *
   * @throws EngineException if there is none, the kernels do not know the precision, or the tuning
   *     cannot be read
   * @throws UnsupportedNetworkException if the kernels do not know a node of the graph
   */
  public static CudaEngine open(Graph graph, FbankOptions frontEnd, Precision precision) {
    Availability found = probe();
    if (!found.isAvailable()) {
      throw new EngineException(
          "no CUDA device can be used: " + String.join("; ", found.reasons()));
    }
    return open(found.devices().get(0), graph, frontEnd, precision);
  }

  /**
   * Opens one device of several.
   *
   * @param ordinal its number among the devices that this process may see
   * @throws EngineException as {@link #open(Graph, FbankOptions, Precision)}, or if that device is
   *     missing or too old
   * @throws UnsupportedNetworkException if the kernels do not know a node of the graph
   */
  public static CudaEngine open(
      Graph graph, FbankOptions frontEnd, Precision precision, int ordinal) {
    Availability found = probe();
    for (CudaDevice device : found.devices()) {
      if (device.ordinal() == ordinal) {
        return open(device, graph, frontEnd, precision);
      }
    }
    throw new EngineException(
        "GPU %d cannot be used: usable are %s%s"
            .formatted(
                ordinal,
                found.devices(),
                found.reasons().isEmpty() ? "" : "; " + String.join("; ", found.reasons())));
  }

  private static CudaEngine open(
      CudaDevice device, Graph graph, FbankOptions frontEnd, Precision precision) {
    Path file = tuningFile(device);
    try {
      return CudaEngine.open(device, graph, frontEnd, precision, USUAL_LANES, tuning(file));
    } catch (UnknownChoiceException e) {
      throw new EngineException("%s, or delete %s".formatted(e.getMessage(), file), e);
    }
  }

  /** Where the tuning of a device lies on this machine. */
  public static Path tuningFile(CudaDevice device) {
    StringBuilder versions = new StringBuilder();
    for (CudaLibrary library : List.of(CudaLibrary.CUDNN, CudaLibrary.CUBLAS)) {
      CudaLibraries.Status status = CudaLibraries.status(library);
      if (status.isUsable()) {
        versions.append(library.name().toLowerCase(Locale.ROOT)).append(status.version());
      }
    }
    return Tuning.file(
        System.getenv(), Path.of(System.getProperty("user.home")), device, versions.toString());
  }

  private static Tuning tuning(Path file) {
    try {
      return Tuning.load(file);
    } catch (IOException e) {
      throw new EngineException("the tuning of this card is no use: " + e.getMessage(), e);
    }
  }
}
