package io.voiceprint.server.config;

import io.voiceprint.EncoderOptions;
import java.util.Locale;
import java.util.Map;

/** A configuration as a file that would give the same one, each line saying where it comes from. */
public final class ConfigText {
  private ConfigText() {}

  /** YAML; holds no token, only the name of their file. */
  public static String of(ServerConfig config) {
    StringBuilder text = new StringBuilder("models:\n");
    for (ModelSpec model : config.models()) {
      text.append("  %s:%n".formatted(model.name()))
          .append("    file: %s%n".formatted(quoted(model.file().toString())))
          .append("    device: %s%n".formatted(model.options().device()))
          .append("    precision: %s%n".formatted(lower(model.options().precision())))
          .append("    threads: %d%n".formatted(model.options().threads()))
          .append("    lanes: %d%n".formatted(model.options().lanes()))
          .append(rest(model));
    }
    Map<Setting, ConfigValue> values = config.values();
    for (Setting setting : Setting.values()) {
      ConfigValue value = values.get(setting);
      String said = value == null ? setting.defaultText() : value.text();
      String origin = value == null ? "default" : value.origin();
      text.append("%s: %s  # %s%n".formatted(setting.key(), quoted(said), origin));
    }
    return text.toString();
  }

  private static String rest(ModelSpec model) {
    EncoderOptions options = model.options();
    StringBuilder text = new StringBuilder();
    if (!options.gpus().isEmpty()) {
      text.append("    gpus: %s%n".formatted(options.gpus()));
    }
    options
        .pooling()
        .ifPresent(pooling -> text.append("    pooling: %s%n".formatted(lower(pooling))));
    return text.append("    channel: %s%n".formatted(lower(options.channel())))
        .append("    batch: %d%n".formatted(options.batchUtterances()))
        .append("    batch-seconds: %s%n".formatted(options.batchSeconds()))
        .append("    queue: %d%n".formatted(options.queueUtterances()))
        .append("    max-delay-ms: %s%n".formatted(options.maxDelay().toNanos() / 1e6))
        .append("    warm-up-seconds: %s%n".formatted(model.warmUpSeconds()))
        .toString();
  }

  private static String lower(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }

  /** Single quotes hold anything in YAML; plain words and numbers need none. */
  private static String quoted(String text) {
    return text.matches("[A-Za-z0-9./_][A-Za-z0-9./_,-]*")
        ? text
        : "'" + text.replace("'", "''") + "'";
  }
}
