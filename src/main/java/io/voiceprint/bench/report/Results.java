package io.voiceprint.bench.report;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What a report shows of one file of results; bench/README.md says what the fields mean. Optional
 * texts are empty where they are left out.
 */
record Results(
    Path file,
    String time,
    String program,
    String commit,
    String command,
    Machine machine,
    List<Result> results,
    List<Memory> memory,
    List<Ceiling> ceilings,
    List<Profile> profiles) {
  Results {
    results = List.copyOf(results);
    memory = List.copyOf(memory);
    ceilings = List.copyOf(ceilings);
    profiles = List.copyOf(profiles);
  }

  /** The commit as short as people write it. */
  String shortCommit() {
    return commit.substring(0, Math.min(12, commit.length()));
  }

  /** Whether anything in it is of a model. */
  boolean speaksOf(String model) {
    return results.stream().anyMatch(result -> result.model().equals(model))
        || profiles.stream().anyMatch(profile -> profile.model().equals(model));
  }

  /** Machine, time and commit, for the foot of a chart. */
  String shortOrigin() {
    String device = machine.gpu().isEmpty() ? machine.processor() : machine.gpu();
    String processors =
        machine.gpu().isEmpty() && machine.processors().isPresent()
            ? ", %d processors".formatted((long) machine.processors().getAsDouble())
            : "";
    String version = commit.isEmpty() ? program : "commit " + shortCommit();
    return "%s%s, %s, %s".formatted(device, processors, time, version);
  }

  /** What was measured on. */
  record Machine(
      String processor,
      OptionalDouble processors,
      OptionalDouble memoryMib,
      String system,
      String runtime,
      String gpu,
      String driver) {}

  /**
   * One engine on one workload.
   *
   * @param latency {@code null} where nothing was timed: in a cold start, or where it was refused
   */
  record Result(
      String engine,
      String device,
      String model,
      String architecture,
      String boundary,
      Workload workload,
      OptionalDouble relativeError,
      OptionalDouble bound,
      String refused,
      double calls,
      OptionalDouble unsent,
      Latency latency,
      OptionalDouble clipsPerSecond,
      OptionalDouble audioSecondsPerSecond,
      OptionalDouble gflopPerSecond,
      OptionalDouble shareOfCeiling,
      List<ColdStart> coldStarts) {
    Result {
      coldStarts = List.copyOf(coldStarts);
    }

    boolean isTimed() {
      return latency != null;
    }
  }

  /**
   * What a call did. Equal workloads at equal boundaries can be compared.
   *
   * @param kind such as {@code latency}
   * @param frames 0 where lengths are mixed
   * @param rate calls per second of an open loop, otherwise 0
   */
  record Workload(
      String name,
      String kind,
      int clips,
      double seconds,
      int frames,
      double audioSeconds,
      int concurrency,
      double rate) {

    boolean isSameAs(Workload other) {
      return kind.equals(other.kind)
          && clips == other.clips
          && frames == other.frames
          && concurrency == other.concurrency
          && rate == other.rate
          && (frames > 0 || audioSeconds == other.audioSeconds);
    }
  }

  /** Milliseconds of a call. */
  record Latency(double min, double p50, double p90, double p99, double max) {}

  /** Milliseconds of one process from its start. */
  record ColdStart(
      double processMs, double runtimeMs, double loadMs, double openMs, double firstCallMs) {}

  /** MiB of a process with one engine. */
  record Memory(
      String engine, OptionalDouble peakResident, OptionalDouble heapUsed, OptionalDouble device) {}

  /** The most that was measured of an engine, and of the memory and launches of its device. */
  record Ceiling(
      String engine,
      OptionalDouble gflopPerSecond,
      String how,
      OptionalDouble gbPerSecond,
      String memoryHow,
      OptionalDouble launchMs,
      OptionalDouble graphLaunchMs) {}

  /**
   * Where the time of one clip goes.
   *
   * @param passMs of a whole pass
   * @param least what a pass would take at each ceiling alone
   */
  record Profile(
      String engine,
      String model,
      int frames,
      int passes,
      double totalMs,
      OptionalDouble passMs,
      OptionalDouble launches,
      Optional<LeastTimes> least,
      List<Layer> layers) {
    Profile {
      layers = List.copyOf(layers);
    }
  }

  /** Milliseconds of a pass if only the one of them cost anything. */
  record LeastTimes(double arithmetic, double memory, double launches) {}

  /**
   * One layer; 0 ms where it was fused into another.
   *
   * @param shareOfLaunches of its time, what its launches would take if they did nothing
   * @param limit the ceiling that it comes nearest to; empty where that is not known
   */
  record Layer(
      String name,
      String kind,
      String shape,
      double ms,
      double flop,
      double bytes,
      OptionalDouble gflopPerSecond,
      OptionalDouble shareOfCeiling,
      OptionalDouble launches,
      OptionalDouble gbPerSecond,
      OptionalDouble shareOfMemoryCeiling,
      OptionalDouble shareOfLaunches,
      String limit) {}
}
