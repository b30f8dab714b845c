package io.voiceprint.cli;

import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.TypeConversionException;

/** Reads numbers: picocli's own converters say of what is none that it is no type of Java's. */
final class Numbers {
  private Numbers() {}

  /** Has a command line and all its commands read their numbers so. */
  static void register(CommandLine line) {
    line.registerConverter(int.class, text -> read(text, Integer::valueOf, "a whole number"));
    line.registerConverter(Integer.class, text -> read(text, Integer::valueOf, "a whole number"));
    line.registerConverter(Long.class, text -> read(text, Long::valueOf, "a whole number"));
    line.registerConverter(double.class, text -> read(text, Double::valueOf, "a number"));
    line.registerConverter(Double.class, text -> read(text, Double::valueOf, "a number"));
  }

  private static <N> N read(String text, Function<String, N> parse, String expected) {
    try {
      return parse.apply(text);
    } catch (NumberFormatException e) {
      String verdict = text.matches("[-+]?[0-9]+") ? "is too large" : "is not " + expected;
      throw new TypeConversionException("'%s' %s".formatted(text, verdict));
    }
  }
}
