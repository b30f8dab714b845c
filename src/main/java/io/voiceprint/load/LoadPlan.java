package io.voiceprint.load;

import io.voiceprint.bench.Load;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What load is put on which server.
 *
 * @param server address of the server, such as {@code http://127.0.0.1:8080}
 * @param model asked for; empty for the server's only one
 * @param token sent as bearer token; empty for none
 * @param clips sent one after the other, over and over
 * @param load how requests come; each of an open loop is sent when it is due, by whatever number of
 *     callers
 * @param warmUp during which the callers send before anything is measured, every clip once at
 *     least; zero not to
 * @param alone during which a single caller sends before the load, every clip once at least, so
 *     that latencies can be compared with its; zero not to
 * @param duration of sending; answers are waited for after it
 * @param timeout after which a request counts as lost
 * @param holders connections that do nothing, or send their head a byte at a time, all the while
 * @param process of the server, whose memory and processor time are watched; empty not to
 */
public record LoadPlan(
    URI server,
    Optional<String> model,
    Optional<String> token,
    List<LoadClip> clips,
    Load load,
    Duration warmUp,
    Duration alone,
    Duration duration,
    Duration timeout,
    int holders,
    Optional<Long> process) {

  /**
   * Validates.
   *
   * @throws IllegalArgumentException if a number is out of its range, or the address is none
   */
  public LoadPlan {
    clips = List.copyOf(clips);
    boolean web = "http".equals(server.getScheme()) || "https".equals(server.getScheme());
    if (!web || server.getHost() == null) {
      throw new IllegalArgumentException(
          "server=%s must be such as http://127.0.0.1:8080".formatted(server));
    }
    if (server.getHost() == null) {
      throw new IllegalArgumentException("server=%s has no host".formatted(server));
    }
    if (holders < 0 || holders > 10_000) {
      throw new IllegalArgumentException("holders=%d must be 0 to 10000".formatted(holders));
    }
    if (warmUp.isNegative() || alone.isNegative()) {
      throw new IllegalArgumentException(
          "warmUp=%s, alone=%s must not be negative".formatted(warmUp, alone));
    }
    if (clips.isEmpty() || duration.isNegative() || timeout.isNegative() || timeout.isZero()) {
      throw new IllegalArgumentException(
          "clips=%d, duration=%s, timeout=%s: there must be clips and time"
              .formatted(clips.size(), duration, timeout));
    }
  }
}
