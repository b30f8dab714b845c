package io.voiceprint.server.config;

import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/** Settings as text, read as what they are; each error says where the value comes from. */
final class ConfigValues {
  private final Map<Setting, ConfigValue> values;

  /** Takes the values, with the default for each that is absent. */
  ConfigValues(Map<Setting, ConfigValue> values) {
    this.values = values;
  }

  ConfigValue of(Setting setting) {
    return values.getOrDefault(
        setting, new ConfigValue(setting.defaultText(), setting.key(), Path.of("")));
  }

  String text(Setting setting) {
    return of(setting).text().strip();
  }

  boolean isSet(Setting setting) {
    return !text(setting).isEmpty();
  }

  boolean truth(Setting setting) {
    return switch (text(setting).toLowerCase(Locale.ROOT)) {
      case "true" -> true;
      case "false" -> false;
      default -> throw of(setting).error("'%s' is neither true nor false".formatted(text(setting)));
    };
  }

  int number(Setting setting, int least, int most) {
    return number(setting, text(setting), least, most);
  }

  private int number(Setting setting, String text, int least, int most) {
    try {
      int value = Integer.parseInt(text);
      if (value >= least && value <= most) {
        return value;
      }
    } catch (NumberFormatException e) {
      // Said below, like a number out of range.
    }
    throw of(setting)
        .error("'%s' is not a whole number from %d to %d".formatted(text, least, most));
  }

  double decimal(Setting setting, double least, double most) {
    return decimal(setting, text(setting), least, most);
  }

  List<Double> decimals(Setting setting, double least, double most) {
    return parts(setting).map(part -> decimal(setting, part, least, most)).toList();
  }

  List<Integer> numbers(Setting setting, int least, int most) {
    return parts(setting).map(part -> number(setting, part, least, most)).toList();
  }

  private Stream<String> parts(Setting setting) {
    return Arrays.stream(text(setting).split(",", -1)).map(String::strip).filter(s -> !s.isEmpty());
  }

  private double decimal(Setting setting, String text, double least, double most) {
    try {
      double value = Double.parseDouble(text);
      if (value >= least && value <= most) {
        return value;
      }
    } catch (NumberFormatException e) {
      // Said below, like a number out of range.
    }
    throw of(setting)
        .error("'%s' is not a number from %s to %s".formatted(text, plain(least), plain(most)));
  }

  private static String plain(double bound) {
    return BigDecimal.valueOf(bound).stripTrailingZeros().toPlainString();
  }

  /** One of the constants of an enum, in letters of any case. */
  <E extends Enum<E>> E choice(Setting setting, Class<E> type) {
    return choice(of(setting), type);
  }

  static <E extends Enum<E>> E choice(ConfigValue value, Class<E> type) {
    E[] constants = type.getEnumConstants();
    for (E constant : constants) {
      if (constant.name().equalsIgnoreCase(value.text().strip())) {
        return constant;
      }
    }
    throw value.error(
        "'%s' is not one of %s"
            .formatted(
                value.text(),
                String.join(
                    ", ",
                    Arrays.stream(constants)
                        .map(constant -> constant.name().toLowerCase(Locale.ROOT))
                        .toList())));
  }

  Path path(Setting setting) {
    return path(of(setting));
  }

  static Path path(ConfigValue value) {
    return value.base().resolve(value.text().strip()).normalize();
  }
}
