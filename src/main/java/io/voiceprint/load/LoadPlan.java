package io.voiceprint.load;

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
 * @param concurrency callers, each of which sends the next clip when it has its answer (a closed
 *     loop); not looked at in an open loop
 * @param rate requests per second, sent whether or not earlier ones are answered (an open loop); 0
 *     for a closed loop
 * @param arrivals when the requests of an open loop are sent
 * @param duration of sending; answers are waited for after it
 * @param timeout after which a request counts as lost
 * @param holders connections that do nothing, or send their head a byte at a time, all the while
 * @param process of the server, whose memory is watched; empty not to
 */
public record LoadPlan(
    URI server,
    Optional<String> model,
    Optional<String> token,
    List<LoadClip> clips,
    int concurrency,
    double rate,
    Arrivals arrivals,
    Duration duration,
    Duration timeout,
    int holders,
    Optional<Long> process) {

  /** When requests of an open loop are due. */
  public enum Arrivals {
    /** Independent of each other, as those of many users are. */
    POISSON,
    /** One gap, always. */
    EVEN
  }

  /**
   * Validates.
   *
   * @throws IllegalArgumentException if a number is out of its range, or the address is none
   */
  public LoadPlan {
    clips = List.copyOf(clips);
    if (!"http".equals(server.getScheme()) && !"https".equals(server.getScheme())) {
      throw new IllegalArgumentException(
          "server=%s must begin with http:// or https://".formatted(server));
    }
    if (server.getHost() == null) {
      throw new IllegalArgumentException("server=%s has no host".formatted(server));
    }
    if (concurrency < 1 || concurrency > 10_000) {
      throw new IllegalArgumentException(
          "concurrency=%d must be 1 to 10000".formatted(concurrency));
    }
    if (!(rate >= 0 && rate <= 100_000)) {
      throw new IllegalArgumentException("rate=%s must be 0 to 100000".formatted(rate));
    }
    if (holders < 0 || holders > 10_000) {
      throw new IllegalArgumentException("holders=%d must be 0 to 10000".formatted(holders));
    }
    if (clips.isEmpty() || duration.isNegative() || timeout.isNegative() || timeout.isZero()) {
      throw new IllegalArgumentException(
          "clips=%d, duration=%s, timeout=%s: there must be clips and time"
              .formatted(clips.size(), duration, timeout));
    }
  }

  boolean isOpen() {
    return rate > 0;
  }
}
