package io.voiceprint.cli;

import io.voiceprint.bench.Arrivals;
import io.voiceprint.bench.Boundary;
import io.voiceprint.bench.LengthDistribution;
import io.voiceprint.bench.Load;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** Which calls are timed, how they come, and for how long. */
final class BenchWorkloads {
  /** Enough callers that an open loop rarely waits for one, where calls overlap at all. */
  private static final int OPEN_CALLERS = 16;

  @Option(
      names = "--batch",
      paramLabel = "N",
      split = ",",
      description = "Clips in a call. Without it, 1,8,64.")
  private List<Integer> batches = List.of(1, 8, 64);

  @Option(
      names = "--seconds",
      paramLabel = "S",
      split = ",",
      description = "Lengths of the clips. Without it, 3.")
  private List<Double> seconds = List.of(3.0);

  @Option(
      names = "--mixed",
      paramLabel = "FROM-TO",
      arity = "0..1",
      fallbackValue = "1-10",
      converter = Range.class,
      description =
          "Also 64 clips of many lengths in a call, log-normal from FROM to TO seconds. Without a range, 1-10.")
  private LengthDistribution mixed;

  @Option(
      names = "--boundary",
      paramLabel = "B",
      description =
          "Where a call begins: pcm (samples) or features. Without it, pcm, but features beside a peer.")
  private Boundary boundary;

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
      description = "How those come: poisson (at random, seeded) or fixed. Without it, poisson.")
  private Arrivals arrivals = Arrivals.POISSON;

  @Option(
      names = "--duration",
      paramLabel = "S",
      description = "Seconds to measure each workload for. Without it, 5.")
  private double duration = 5;

  @Option(
      names = "--warm-up",
      paramLabel = "S",
      description = "Seconds to call each workload for before that. Without it, 1.")
  private double warmUp = 1;

  /** Reads {@code "1-10"}. */
  static final class Range implements ITypeConverter<LengthDistribution> {
    @Override
    public LengthDistribution convert(String text) {
      String[] ends = text.split("-", -1);
      try {
        if (ends.length == 2) {
          return new LengthDistribution(Double.parseDouble(ends[0]), Double.parseDouble(ends[1]));
        }
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException("'%s': %s".formatted(text, e.getMessage()));
      }
      throw new TypeConversionException("'%s' is no range such as 1-10".formatted(text));
    }
  }

  List<Integer> batches() {
    return batches;
  }

  List<Double> seconds() {
    return seconds;
  }

  Optional<LengthDistribution> mixed() {
    return Optional.ofNullable(mixed);
  }

  Boundary boundary(boolean besidePeer) {
    if (boundary != null) {
      return boundary;
    }
    return besidePeer ? Boundary.FEATURES : Boundary.PCM;
  }

  /**
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

  private static Duration seconds(double seconds) {
    return Duration.ofNanos((long) (seconds * 1e9));
  }
}
