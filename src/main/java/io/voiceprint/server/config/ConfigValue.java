package io.voiceprint.server.config;

import java.nio.file.Path;

/**
 * The text of a setting, and where it was said.
 *
 * @param text as it was written
 * @param origin for messages, such as {@code "--port"} or {@code "voiceprint.yaml:3: port"}
 * @param base folder that relative paths start from
 */
public record ConfigValue(String text, String origin, Path base) {

  /** An error about this value. */
  ConfigException error(String reason) {
    return new ConfigException("%s: %s".formatted(origin, reason));
  }
}
