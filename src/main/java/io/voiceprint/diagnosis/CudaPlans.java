package io.voiceprint.diagnosis;

import io.voiceprint.UnusableDeviceException;
import io.voiceprint.cuda.CudaDevice;
import io.voiceprint.engine.EngineException;
import io.voiceprint.engine.Precision;
import io.voiceprint.engine.cuda.CudaEngines;
import io.voiceprint.engine.cuda.PlanCost;
import io.voiceprint.engine.cuda.Tuner;
import io.voiceprint.engine.cuda.Tuning;
import io.voiceprint.model.SpeakerModel;
import java.io.IOException;
import java.util.List;

/** What a clip's forward pass costs on the first usable GPU, counted and not measured. */
public final class CudaPlans {
  private CudaPlans() {}

  /**
   * Counts graph nodes and bytes of three plans: the usual one, the one that was tuned for this
   * card, and the one with every fusion there is.
   *
   * @param frames length of the clip
   * @return a table for each plan of each precision
   * @throws UnusableDeviceException if there is no usable GPU, or it lacks a precision
   * @throws IOException if the tuning of this card cannot be read
   */
  public static String tables(SpeakerModel model, List<Precision> precisions, int frames)
      throws IOException {
    CudaEngines.Availability found = CudaEngines.probe();
    if (!found.isAvailable()) {
      throw new UnusableDeviceException(
          "no GPU to plan for: " + String.join("; ", found.reasons()));
    }
    CudaDevice device = found.devices().get(0);
    Tuning tuned = Tuning.load(CudaEngines.tuningFile(device));
    StringBuilder text = new StringBuilder();
    for (Precision precision : precisions) {
      try {
        Tuning fused;
        try (Tuner tuner = new Tuner(device, model.graph(), model.frontEnd(), precision)) {
          fused = tuner.fusions();
        }
        text.append(table("usual", device, model, precision, Tuning.NONE, frames))
            .append(table("tuned", device, model, precision, tuned, frames))
            .append(table("all fusions", device, model, precision, fused, frames));
      } catch (EngineException e) {
        throw new UnusableDeviceException(e.getMessage(), e);
      }
    }
    return text.toString();
  }

  private static String table(
      String name,
      CudaDevice device,
      SpeakerModel model,
      Precision precision,
      Tuning tuning,
      int frames) {
    PlanCost cost = PlanCost.of(device, model.graph(), model.frontEnd(), precision, tuning, frames);
    return "%s, %s, %d frames%n%s".formatted(name, precision, frames, cost.table());
  }
}
