package io.voiceprint.server;

import com.linecorp.armeria.common.util.TimeoutMode;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.voiceprint.Priority;
import io.voiceprint.server.tensor.InferRequest;
import io.voiceprint.server.tensor.TensorException;
import java.time.Duration;
import java.util.Optional;

/**
 * On what terms a client wants its answer. It may shorten the server's time limit, never lengthen
 * it.
 *
 * @param priority among the requests that wait
 * @param timeout from the head of the request to its answer; empty for the server's
 */
record RequestTerms(Priority priority, Optional<Duration> timeout) {
  /** Header of REST requests, in milliseconds; gRPC has {@code grpc-timeout}. */
  static final String HEADER = "x-request-timeout-ms";

  /** Parameter, in microseconds. */
  private static final String TIMEOUT = "timeout";

  /** Parameter: 1 goes first, higher numbers later; 0 for the default. */
  private static final String PRIORITY = "priority";

  private static final long MOST_MICROS = 1L << 40;

  /**
   * Of a REST request's header.
   *
   * @throws RequestFailure if it is no number of milliseconds
   */
  static RequestTerms ofHeader(String header) {
    try {
      long millis = Long.parseLong(header.strip());
      if (millis > 0) {
        return new RequestTerms(Priority.NORMAL, Optional.of(Duration.ofMillis(millis)));
      }
    } catch (NumberFormatException e) {
      // Said below, like a number out of range.
    }
    throw new RequestFailure(
        Fault.BAD_REQUEST, HEADER + " must be a whole number of milliseconds above zero");
  }

  /**
   * Of the parameters of a request to infer: {@code timeout} and {@code priority}, as Triton has.
   *
   * @throws TensorException if one of them is no number from 0 on
   */
  static RequestTerms of(InferRequest request) {
    long micros = wholeNumber(request, TIMEOUT);
    Optional<Duration> timeout =
        micros > 0
            ? Optional.of(Duration.ofNanos(1000 * Math.min(micros, MOST_MICROS)))
            : Optional.empty();
    long level = wholeNumber(request, PRIORITY);
    Priority priority =
        level > 0
            ? Priority.values()[(int) Math.min(level, Priority.values().length) - 1]
            : Priority.NORMAL;
    return new RequestTerms(priority, timeout);
  }

  /** Zero if it is not there. */
  private static long wholeNumber(InferRequest request, String parameter) {
    Object said = request.parameters().getOrDefault(parameter, 0L);
    if (said instanceof Long number && number >= 0) {
      return number;
    }
    throw new TensorException(
        "parameter %s must be a whole number from 0 on, but is %s".formatted(parameter, said));
  }

  /**
   * A priority by its name.
   *
   * @throws RequestFailure if there is none such
   */
  static Priority priority(String name) {
    for (Priority priority : Priority.values()) {
      if (priority.toString().equals(name)) {
        return priority;
      }
    }
    throw new RequestFailure(Fault.BAD_REQUEST, "priority must be high, normal or low");
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
