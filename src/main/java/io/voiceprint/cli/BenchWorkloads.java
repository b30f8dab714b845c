package io.voiceprint.cli;

import io.voiceprint.bench.Boundary;
import io.voiceprint.bench.LengthDistribution;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** Which calls are timed, and how they come. */
final class BenchWorkloads {
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

  @Mixin private LoopArguments loop;

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

  LoopArguments loop() {
    return loop;
  }
}
