package io.voiceprint;

import io.voiceprint.engine.Engine;
import io.voiceprint.engine.EngineException;
import io.voiceprint.engine.reference.ReferenceEngine;
import io.voiceprint.model.SpeakerModel;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/** Which engine serves which device. One line of {@link #CANDIDATES} adds an engine. */
final class EngineSelection {
  private static final Logger LOGGER = System.getLogger("io.voiceprint");

  /** The engines of this build. */
  private static final List<Candidate> CANDIDATES =
      List.of(new Candidate(Device.REFERENCE, Optional::empty, EngineSelection::reference));

  /**
   * An engine.
   *
   * @param device what it is asked for by
   * @param missing why it cannot be used on this machine and what to install; empty if it can
   * @param opener opens it
   */
  private record Candidate(Device device, Supplier<Optional<String>> missing, Opener opener) {}

  private interface Opener {
    Engine open(SpeakerModel model, EncoderOptions options);
  }

  private final Candidate candidate;

  private EngineSelection(Candidate candidate) {
    this.candidate = candidate;
  }

  private static Engine reference(SpeakerModel model, EncoderOptions options) {
    return new ReferenceEngine(
        model.graph(), model.frontEnd(), options.precision(), options.threads());
  }

  /**
   * The engine of a device that was asked for, or of the best one present. The latter is logged,
   * with the reasons why it is not a better one.
   *
   * @throws UnusableDeviceException if the device that was asked for is missing
   */
  static EngineSelection of(Device device) {
    boolean auto = device == Device.AUTO;
    Set<Device> wanted = auto ? EnumSet.range(Device.CUDA, Device.REFERENCE) : EnumSet.of(device);
    List<String> missing = new ArrayList<>();
    for (Device each : wanted) {
      Optional<Candidate> candidate = candidate(each);
      Optional<String> reason =
          candidate
              .map(found -> found.missing().get())
              .orElseGet(() -> Optional.of("this build has no " + each + " engine"));
      if (reason.isPresent()) {
        missing.add(reason.get());
        continue;
      }
      if (auto) {
        LOGGER.log(
            Level.INFO,
            "device auto chose {0}{1}",
            each,
            missing.isEmpty() ? "" : ": " + String.join("; ", missing));
      }
      return new EngineSelection(candidate.get());
    }
    throw new UnusableDeviceException(
        "device %s: %s; use another device, or auto for the best one present"
            .formatted(device, String.join("; ", missing)));
  }

  private static Optional<Candidate> candidate(Device device) {
    return CANDIDATES.stream().filter(candidate -> candidate.device() == device).findFirst();
  }

  /**
   * Opens the engine.
   *
   * @throws UnusableDeviceException if the device cannot hold the model, or not in that precision
   */
  Engine open(SpeakerModel model, EncoderOptions options) {
    try {
      return candidate.opener().open(model, options);
    } catch (EngineException e) {
      throw new UnusableDeviceException(
          "device %s: %s".formatted(candidate.device(), e.getMessage()), e);
    }
  }
}
