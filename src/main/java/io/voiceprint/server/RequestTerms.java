package io.voiceprint.server;

import com.linecorp.armeria.common.util.TimeoutMode;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.voiceprint.server.tensor.InferRequest;
import java.time.Duration;
import java.util.Optional;

/**
 * On what terms a client wants its answer. It may shorten the server's time limit, never lengthen
 * it.
 *
 * @param timeout from the head of the request to its answer; empty for the server's
 */
record RequestTerms(Optional<Duration> timeout) {
  /** Header of REST requests, in milliseconds; gRPC has {@code grpc-timeout}. */
  static final String HEADER = "x-request-timeout-ms";

  /** Parameter of the protocol, in microseconds, as Triton has it. */
  private static final String PARAMETER = "timeout";

  /**
   * Of a REST request's header.
   *
   * @throws RequestFailure if it is no number of milliseconds
   */
  static RequestTerms ofHeader(String header) {
    try {
      long millis = Long.parseLong(header.strip());
      if (millis > 0) {
        return new RequestTerms(Optional.of(Duration.ofMillis(millis)));
      }
    } catch (NumberFormatException e) {
      // Said below, like a number out of range.
    }
    throw new RequestFailure(
        Fault.BAD_REQUEST, HEADER + " must be a whole number of milliseconds above zero");
  }

  /** Of the parameters of a request to infer. */
  static RequestTerms of(InferRequest request) {
    return request.parameters().get(PARAMETER) instanceof Long micros && micros > 0
        ? new RequestTerms(Optional.of(Duration.ofNanos(1000 * Math.min(micros, 1L << 40))))
        : new RequestTerms(Optional.empty());
  }

  /** Shortens the time of the request at hand. */
  void apply(ServiceRequestContext context) {
    if (timeout.isPresent()) {
      long millis = Math.max(1, timeout.get().toMillis());
      if (context.requestTimeoutMillis() == 0 || millis < context.requestTimeoutMillis()) {
        context.setRequestTimeoutMillis(TimeoutMode.SET_FROM_START, millis);
      }
    }
  }
}
