package io.voiceprint.cli;

import io.voiceprint.Device;
import io.voiceprint.audio.ChannelChoice;
import io.voiceprint.bench.Arrivals;
import io.voiceprint.bench.Boundary;
import io.voiceprint.bench.SeededNetwork;
import io.voiceprint.engine.Precision;
import io.voiceprint.model.Pooling;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * Reads one of a few words, in whatever case, and says which there are: picocli's own converter
 * lists the names of Java's constants, which is not how one types them.
 */
record Choice<E extends Enum<E>>(Class<E> type) implements ITypeConverter<E> {

  /** Has a command line and all its commands read their choices so. */
  static void register(CommandLine line) {
    register(line, Device.class);
    register(line, Precision.class);
    register(line, Pooling.class);
    register(line, ChannelChoice.class);
    register(line, SeededNetwork.class);
    register(line, Boundary.class);
    register(line, Arrivals.class);
    register(line, BenchPeer.Peer.class);
    register(line, EmbedCommand.Format.class);
    register(line, ConvertCommand.Type.class);
    register(line, CompletionCommand.Shell.class);
  }

  private static <E extends Enum<E>> void register(CommandLine line, Class<E> type) {
    line.registerConverter(type, new Choice<>(type));
  }

  @Override
  public E convert(String text) {
    for (E value : type.getEnumConstants()) {
      if (word(value).equalsIgnoreCase(text)) {
        return value;
      }
    }
    throw new TypeConversionException(
        "'%s' is none of %s"
            .formatted(
                text,
                Arrays.stream(type.getEnumConstants())
                    .map(Choice::word)
                    .collect(Collectors.joining(", "))));
  }

  private static String word(Enum<?> value) {
    return value.toString().toLowerCase(Locale.ROOT);
  }
}
