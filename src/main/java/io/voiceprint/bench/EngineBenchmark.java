package io.voiceprint.bench;

import io.voiceprint.Device;
import io.voiceprint.EncoderOptions;
import io.voiceprint.VoiceprintException;
import io.voiceprint.audio.PcmAudio;
import io.voiceprint.engine.EngineException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Measures one engine of ours: check, workloads, memory, and then, with the engine closed, its
 * ceiling, its profile and its cold start.
 */
final class EngineBenchmark {
  private static final System.Logger LOG = System.getLogger(EngineBenchmark.class.getName());

  private final MeasuredNetwork network;
  private final BenchmarkPlan plan;
  private final List<Workload> workloads;
  private final References references;
  private final Consumer<String> progress;

  EngineBenchmark(
      MeasuredNetwork network,
      BenchmarkPlan plan,
      List<Workload> workloads,
      References references,
      Consumer<String> progress) {
    this.network = network;
    this.plan = plan;
    this.workloads = workloads;
    this.references = references;
    this.progress = progress;
  }

  EngineRun run(EncoderOptions options, Function<EncoderOptions, Subject> opener) {
    MemoryUse.resetPeak();
    long begin = System.nanoTime();
    Contestant contestant;
    EncoderOptions chosen;
    Opening opening;
    MemoryUse memory;
    List<Result> results = new ArrayList<>();
    try (Subject subject = opener.apply(options)) {
      opening = opening(begin, subject);
      contestant = contestant(subject, options.threads());
      chosen = options.withDevice(Device.valueOf(subject.engineName().toUpperCase(Locale.ROOT)));
      for (Workload workload : workloads) {
        Result.Check check = references.check(workload, subject);
        results.add(result(workload, check, Optional.empty()));
      }
      try {
        results.forEach(EngineBenchmark::requireRight);
        List<Result> timed = new ArrayList<>();
        for (Result checked : results) {
          timed.add(timed(checked, contestant, subject));
        }
        results = timed;
      } catch (WrongResultException e) {
        return EngineRun.refused(contestant, results, e.getMessage());
      }
      memory = MemoryUse.now(subject.deviceBytes());
    }
    try {
      return new EngineRun(
          contestant,
          results,
          "",
          Optional.of(opening),
          beside("the ceiling", () -> ceiling(contestant, chosen)),
          Optional.of(memory),
          plan.profile()
              ? beside("the profile", () -> profile(contestant, chosen))
              : Optional.empty(),
          plan.coldStarts() > 0 ? Optional.of(coldStart(contestant, chosen)) : Optional.empty());
    } catch (WrongResultException e) {
      return EngineRun.refused(contestant, results, e.getMessage());
    }
  }

  /** Measures what stands beside the results, which are worth having without it. */
  private static <T> Optional<T> beside(String what, Supplier<T> measurement) {
    try {
      return Optional.of(measurement.get());
    } catch (EngineException | VoiceprintException e) {
      LOG.log(System.Logger.Level.WARNING, "{0} was not measured: {1}", what, e.getMessage());
      return Optional.empty();
    }
  }

  private PcmAudio firstClip() {
    return workloads.get(0).calls().get(0).get(0);
  }

  private Opening opening(long begin, Subject subject) {
    long opened = System.nanoTime();
    List<float[]> unused = subject.prepare(List.of(firstClip())).get();
    return new Opening((opened - begin) * 1e-6, (System.nanoTime() - opened) * 1e-6);
  }

  private static Contestant contestant(Subject subject, int threads) {
    String precision = subject.precision().name().toLowerCase(Locale.ROOT);
    return new Contestant(
        "voiceprint %s %s".formatted(subject.engineName(), precision),
        subject.device(),
        precision,
        threads);
  }

  private static void requireRight(Result result) {
    Result.Check check = result.check().orElseThrow();
    if (!check.passes()) {
      throw new WrongResultException(
          "%s: the embedding differs from the reference engine's by %.1e, more than %.1e"
              .formatted(result.workload().name(), check.relativeError(), check.bound()));
    }
  }

  private Result timed(Result checked, Contestant contestant, Subject subject) {
    Workload workload = checked.workload();
    progress.accept("%s, %s".formatted(contestant.engine(), workload.name()));
    Call call = new CheckedCall(workload, subject);
    Load load = workload.load();
    int callers = load.concurrency();
    Timing unused = ClosedLoop.measure(call, callers, plan.warmUp().toNanos(), Timeline.SYSTEM);
    long nanos = plan.duration().toNanos();
    Timing timing;
    if (load.isOpen()) {
      long[] due = load.arrivals().schedule(load.rate(), nanos);
      timing = OpenLoop.measure(call, callers, due, nanos, Timeline.SYSTEM);
    } else {
      timing = ClosedLoop.measure(call, callers, nanos, Timeline.SYSTEM);
    }
    return result(workload, checked.check().orElseThrow(), Optional.of(timing));
  }

  private Result result(Workload workload, Result.Check check, Optional<Timing> timing) {
    return Result.of(network.model(), workload, plan.boundary(), Optional.of(check), timing);
  }

  private Ceiling ceiling(Contestant contestant, EncoderOptions options) {
    progress.accept(contestant.engine() + ", ceiling");
    return Ceiling.measure(options);
  }

  private Profile profile(Contestant contestant, EncoderOptions options) {
    progress.accept(contestant.engine() + ", profile");
    return Profile.measure(network.model(), options, firstClip(), plan.duration().toNanos());
  }

  private ColdStart coldStart(Contestant contestant, EncoderOptions options) {
    progress.accept(contestant.engine() + ", cold start");
    PcmAudio clip = firstClip();
    return ColdStart.measure(
        network,
        options,
        clip,
        plan.coldStarts(),
        embedding -> references.check(clip, embedding, options.precision()));
  }
}
