package io.voiceprint.server.config;

import java.time.Duration;

/**
 * How long the server waits.
 *
 * @param header for the head of a request, from the first byte or the opening of the connection
 * @param idle for the next request on an open connection
 * @param request from a request's head to its answer; clients may ask for less
 * @param drain for accepted requests, once the server is told to stop
 */
public record ServerTimeouts(Duration header, Duration idle, Duration request, Duration drain) {

  static ServerTimeouts of(ConfigValues values) {
    return new ServerTimeouts(
        seconds(values, Setting.HEADER_TIMEOUT_S),
        seconds(values, Setting.IDLE_TIMEOUT_S),
        seconds(values, Setting.REQUEST_TIMEOUT_S),
        seconds(values, Setting.DRAIN_TIMEOUT_S));
  }

  private static Duration seconds(ConfigValues values, Setting setting) {
    return Duration.ofMillis(Math.round(1000 * values.decimal(setting, 0.1, 86_400)));
  }
}
