package io.voiceprint.diagnosis;

import io.voiceprint.cuda.CudaContext;
import io.voiceprint.cuda.CudaDevice;
import io.voiceprint.cuda.CudaException;
import io.voiceprint.cuda.CudaLibraries;
import io.voiceprint.cuda.CudaLibrary;
import io.voiceprint.diagnosis.CudaReport.Gpu;
import io.voiceprint.diagnosis.CudaReport.Library;
import io.voiceprint.engine.cuda.CudaEngines;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Fills a {@link CudaReport}. */
final class CudaProbe {
  private CudaProbe() {}

  static CudaReport report() {
    List<String> problems = new ArrayList<>();
    return new CudaReport(
        driver(),
        CudaDevice.dotted(CudaDevice.MINIMUM_DRIVER_VERSION),
        CudaLibraries.report().stream().map(CudaProbe::library).toList(),
        devices(problems),
        problems);
  }

  private static Optional<String> driver() {
    try {
      return Optional.of(CudaDevice.dotted(CudaDevice.loadedDriverVersion()));
    } catch (CudaException e) {
      return Optional.empty(); // Said by the library and by the search for devices.
    }
  }

  private static Library library(CudaLibraries.Status status) {
    return new Library(
        status.library().name(),
        status.library() == CudaLibrary.DRIVER,
        status.path(),
        status.version(),
        status.notes(),
        status.problem());
  }

  private static List<Gpu> devices(List<String> problems) {
    CudaEngines.Availability found = CudaEngines.probe();
    problems.addAll(found.reasons());
    return found.devices().stream().map(CudaProbe::gpu).toList();
  }

  private static Gpu gpu(CudaDevice device) {
    try (CudaContext context = CudaContext.open(device)) {
      return gpu(device, context.freeBytes(), CudaEngines.kernelImages(context), "");
    } catch (CudaException e) {
      return gpu(device, 0, Map.of(), e.getMessage());
    }
  }

  private static Gpu gpu(
      CudaDevice device, long freeBytes, Map<String, String> kernels, String problem) {
    return new Gpu(
        device.ordinal(),
        device.name(),
        CudaDevice.dotted(device.computeCapability()),
        device.totalBytes(),
        freeBytes,
        device.multiprocessors(),
        kernels,
        problem);
  }
}
