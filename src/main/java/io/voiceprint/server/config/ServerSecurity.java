package io.voiceprint.server.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Who may talk to the server, and how.
 *
 * @param tls certificate and key; empty for plain text
 * @param tokens of which a client must send one; empty if none is needed
 */
public record ServerSecurity(Optional<TlsFiles> tls, List<String> tokens) {

  private static final int SHORTEST_TOKEN = 16;

  /** What a header can hold, and what ends at neither a space nor the end of a line. */
  private static final Pattern VISIBLE = Pattern.compile("[!-~]+");

  /**
   * PEM files.
   *
   * @param certificate chain, the server's own first
   * @param key PKCS#8
   */
  public record TlsFiles(Path certificate, Path key) {}

  static ServerSecurity of(ConfigValues values) {
    return new ServerSecurity(tls(values), tokens(values));
  }

  private static Optional<TlsFiles> tls(ConfigValues values) {
    if (!values.isSet(Setting.TLS_CERTIFICATE) && !values.isSet(Setting.TLS_KEY)) {
      return Optional.empty();
    }
    for (Setting setting : List.of(Setting.TLS_CERTIFICATE, Setting.TLS_KEY)) {
      if (!values.isSet(setting)) {
        throw new ConfigException(
            "TLS needs both a certificate and a key: %s is missing".formatted(setting.key()));
      }
      if (!Files.isReadable(values.path(setting))) {
        throw values.of(setting).error(values.path(setting) + " cannot be read");
      }
    }
    return Optional.of(
        new TlsFiles(values.path(Setting.TLS_CERTIFICATE), values.path(Setting.TLS_KEY)));
  }

  private static List<String> tokens(ConfigValues values) {
    if (!values.isSet(Setting.TOKEN_FILE)) {
      return List.of();
    }
    ConfigValue setting = values.of(Setting.TOKEN_FILE);
    List<String> tokens;
    try {
      tokens =
          Files.readAllLines(values.path(Setting.TOKEN_FILE)).stream()
              .map(String::strip)
              .filter(line -> !line.isEmpty() && !line.startsWith("#"))
              .toList();
    } catch (IOException e) {
      throw setting.error(values.path(Setting.TOKEN_FILE) + " cannot be read");
    }
    if (tokens.isEmpty()) {
      throw setting.error("there is no token in the file; without tokens, do not name a file");
    }
    if (tokens.stream().anyMatch(token -> token.length() < SHORTEST_TOKEN)) {
      throw setting.error(
          "a token is shorter than %d characters; `openssl rand -hex 24` makes a good one"
              .formatted(SHORTEST_TOKEN));
    }
    if (!tokens.stream().allMatch(token -> VISIBLE.matcher(token).matches())) {
      throw setting.error("a token has other characters than visible ones of ASCII");
    }
    return tokens;
  }
}
