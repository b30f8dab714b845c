package io.voiceprint.cli;

import io.voiceprint.bench.Arrivals;
import io.voiceprint.bench.Load;
import java.time.Duration;
import java.util.List;
import picocli.CommandLine.Option;

/** How calls or requests come, and for how long: the options of whatever is put under load. */
final class LoopArguments {
  /** Enough callers that an open loop rarely waits for one, where calls overlap at all. */
  private static final int OPEN_CALLERS = 16;

  @Option(
      names = "--concurrency",
      paramLabel = "N",
      description = "Callers at the same time. Without it, 1, or 16 with --rate.")
  private Integer concurrency;

  @Option(
      names = "--rate",
      paramLabel = "R",
      split = ",",
      description = "Calls that come per second, whether or not earlier ones have returned.")
  private List<Double> rates = List.of();

  @Option(
      names = "--arrivals",
      paramLabel = "A",
      description =
          "When the calls of --rate come: poisson (at random, seeded) or fixed. Without it, poisson.")
  private Arrivals arrivals = Arrivals.POISSON;

  @Option(
      names = "--duration",
      paramLabel = "S",
      description = "Seconds to measure each load for. Without it, 5.")
  private double duration = 5;

  @Option(
      names = "--warm-up",
      paramLabel = "S",
      description = "Seconds to call for before measuring. Without it, 1.")
  private double warmUp = 1;

  /**
   * A closed loop, or an open one for each rate.
   *
   * @throws IllegalArgumentException if a number is out of range
   */
  List<Load> loads() {
    if (rates.isEmpty()) {
      return List.of(new Load(concurrency == null ? 1 : concurrency, 0, arrivals));
    }
    int callers = concurrency == null ? OPEN_CALLERS : concurrency;
    return rates.stream().map(rate -> open(callers, rate)).toList();
  }

  private Load open(int callers, double rate) {
    if (!(rate > 0)) {
      throw new IllegalArgumentException("--rate %s must be above zero".formatted(rate));
    }
    return new Load(callers, rate, arrivals);
  }

  Duration warmUp() {
    return seconds(warmUp);
  }

  Duration duration() {
    return seconds(duration);
  }

  static Duration seconds(double seconds) {
    return Duration.ofNanos((long) (seconds * 1e9));
  }
}
