package io.voiceprint.engine.cuda;

import io.voiceprint.cuda.CudaDevice;
import io.voiceprint.cuda.CudaException;
import io.voiceprint.cuda.CudaLibraries;
import io.voiceprint.cuda.CudaLibrary;
import java.util.ArrayList;
import java.util.List;

/** Whether, and on what, a {@link CudaEngine} can be opened here. */
public final class CudaEngines {
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
}
