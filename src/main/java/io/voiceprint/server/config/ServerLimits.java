package io.voiceprint.server.config;

import java.time.Duration;

/**
 * What one client, and all of them together, may ask for.
 *
 * @param bodyBytes largest body of a request
 * @param uploadBytes all bodies in memory together
 * @param items most utterances of one request
 * @param audio longest utterance
 * @param requests most requests that are decoded or computed at a time
 * @param connections most open connections
 * @param decoders threads that decode audio
 * @param decodeQueue requests that may wait for one of them
 */
public record ServerLimits(
    long bodyBytes,
    long uploadBytes,
    int items,
    Duration audio,
    int requests,
    int connections,
    int decoders,
    int decodeQueue) {

  private static final int MEBIBYTE = 1 << 20;
  private static final int MOST = 1_000_000;

  static ServerLimits of(ConfigValues values) {
    int decoders = values.number(Setting.DECODERS, 0, 1024);
    return new ServerLimits(
        (long) values.number(Setting.MAX_BODY_MB, 1, 2047) * MEBIBYTE,
        (long) values.number(Setting.MAX_UPLOADS_MB, 1, MOST) * MEBIBYTE,
        values.number(Setting.MAX_ITEMS, 1, MOST),
        Duration.ofMillis(Math.round(1000 * values.decimal(Setting.MAX_SECONDS, 0.1, 86_400))),
        values.number(Setting.MAX_REQUESTS, 1, MOST),
        values.number(Setting.MAX_CONNECTIONS, 1, MOST),
        decoders == 0 ? Runtime.getRuntime().availableProcessors() : decoders,
        values.number(Setting.DECODE_QUEUE, 1, MOST));
  }
}
