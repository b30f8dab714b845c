package io.voiceprint;

import io.voiceprint.engine.Engine;
import io.voiceprint.engine.EngineException;
import io.voiceprint.engine.Precision;
import io.voiceprint.engine.UnsupportedNetworkException;
import io.voiceprint.engine.cpu.CpuEngine;
import io.voiceprint.engine.cuda.CudaEngines;
import io.voiceprint.engine.reference.ReferenceEngine;
import io.voiceprint.frontend.FbankOptions;
import io.voiceprint.graph.Graph;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** Which engine serves which device. One line of {@link #CANDIDATES} adds an engine. */
final class EngineSelection {
  private static final Logger LOGGER = System.getLogger("io.voiceprint");

  /** The engines of this build. */
  private static final List<Candidate> CANDIDATES =
      List.of(
          new Candidate(
              Device.CUDA,
              EngineSelection::cudaMissing,
              precision -> precision != Precision.BF16,
              EngineSelection::cuda),
          new Candidate(
              Device.CPU, CpuEngine::unavailableReason, CpuEngine::supports, EngineSelection::cpu),
          new Candidate(
              Device.REFERENCE, Optional::empty, precision -> true, EngineSelection::reference));

  /**
   * An engine.
   *
   * @param device what it is asked for by
   * @param missing why it cannot be used on this machine and what to install; empty if it can
   * @param computesIn asked only where it is not missing
   * @param opener opens it
   */
  private record Candidate(
      Device device,
      Supplier<Optional<String>> missing,
      Predicate<Precision> computesIn,
      Opener opener) {

    Optional<String> reasonAgainst(Precision precision) {
      Optional<String> reason = missing.get();
      if (reason.isPresent() || computesIn.test(precision)) {
        return reason;
      }
      return Optional.of(
          "the %s engine does not compute in %s on this machine"
              .formatted(device, precision.name().toLowerCase(Locale.ROOT)));
    }
  }

  private interface Opener {
    List<Engine> open(Graph graph, FbankOptions frontEnd, EncoderOptions options);
  }

  private final Device asked;
  private final List<Candidate> candidates;
  private final List<String> missing;

  /**
   * @param candidates present and of the precision, the best first
   * @param missing why others are not among them
   */
  private EngineSelection(Device asked, List<Candidate> candidates, List<String> missing) {
    this.asked = asked;
    this.candidates = candidates;
    this.missing = missing;
  }

  private static Optional<String> cudaMissing() {
    CudaEngines.Availability found = CudaEngines.probe();
    return found.isAvailable() ? Optional.empty() : Optional.of(String.join("; ", found.reasons()));
  }

  private static List<Engine> cuda(Graph graph, FbankOptions frontEnd, EncoderOptions options) {
    if (options.gpus().isEmpty()) {
      return List.of(CudaEngines.open(graph, frontEnd, options.precision()));
    }
    List<Engine> engines = new ArrayList<>();
    try {
      for (int ordinal : options.gpus()) {
        engines.add(CudaEngines.open(graph, frontEnd, options.precision(), ordinal));
      }
    } catch (RuntimeException e) {
      try {
        Engines.closeAll(engines);
      } catch (RuntimeException second) {
        e.addSuppressed(second);
      }
      throw e;
    }
    return engines;
  }

  private static List<Engine> cpu(Graph graph, FbankOptions frontEnd, EncoderOptions options) {
    return List.of(
        new CpuEngine(graph, frontEnd, options.precision(), options.threads(), options.lanes()));
  }

  private static List<Engine> reference(
      Graph graph, FbankOptions frontEnd, EncoderOptions options) {
    return List.of(new ReferenceEngine(graph, frontEnd, options.precision(), options.threads()));
  }

  /**
   * The engine of a device that was asked for, or those of all that are present and compute in the
   * precision.
   *
   * @throws UnusableDeviceException if the device that was asked for is missing, or lacks the
   *     precision
   */
  static EngineSelection of(EncoderOptions options) {
    Device device = options.device();
    boolean auto = device == Device.AUTO;
    Set<Device> wanted = auto ? EnumSet.range(Device.CUDA, Device.REFERENCE) : EnumSet.of(device);
    List<Candidate> candidates = new ArrayList<>();
    List<String> missing = new ArrayList<>();
    for (Device each : wanted) {
      Candidate candidate = candidate(each);
      Optional<String> reason = candidate.reasonAgainst(options.precision());
      reason.ifPresentOrElse(missing::add, () -> candidates.add(candidate));
    }
    if (candidates.isEmpty()) {
      throw new UnusableDeviceException(
          "device %s: %s; use another device, or auto for the best one present"
              .formatted(device, String.join("; ", missing)));
    }
    return new EngineSelection(device, candidates, missing);
  }

  /** Why a device other than {@link Device#AUTO} cannot be used here; empty if it can. */
  static Optional<String> missing(Device device) {
    return candidate(device).missing().get();
  }

  private static Candidate candidate(Device device) {
    return CANDIDATES.stream()
        .filter(candidate -> candidate.device() == device)
        .findFirst()
        .orElseThrow();
  }

  /**
   * Opens the engine, or one on each of several GPUs; among several devices, the first whose engine
   * implements every node of the network. That one is logged, with the reasons why it is not a
   * better one.
   *
   * @throws UnusableDeviceException if the device cannot hold the model, or no engine can run it
   */
  List<Engine> open(Graph graph, FbankOptions frontEnd, EncoderOptions options) {
    List<String> passedOver = new ArrayList<>(missing);
    UnusableDeviceException refusal = null;
    for (Candidate candidate : candidates) {
      try {
        List<Engine> engines = candidate.opener().open(graph, frontEnd, options);
        if (asked == Device.AUTO) {
          log(candidate.device(), passedOver);
        }
        return engines;
      } catch (UnsupportedNetworkException e) {
        passedOver.add(e.getMessage());
        refusal = unusable(candidate, e);
      } catch (EngineException e) {
        throw unusable(candidate, e);
      }
    }
    throw refusal;
  }

  private static void log(Device chosen, List<String> passedOver) {
    LOGGER.log(
        Level.INFO,
        "device auto chose {0}{1}",
        chosen,
        passedOver.isEmpty() ? "" : ": " + String.join("; ", passedOver));
  }

  private static UnusableDeviceException unusable(Candidate candidate, EngineException cause) {
    return new UnusableDeviceException(
        "device %s: %s".formatted(candidate.device(), cause.getMessage()), cause);
  }
}
