package io.voiceprint.server;

import com.linecorp.armeria.common.ContentTooLargeException;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.server.HttpStatusException;
import io.voiceprint.DeadlineExceededException;
import io.voiceprint.OverloadedException;
import io.voiceprint.UnusableAudioException;
import io.voiceprint.UnusableDeviceException;
import io.voiceprint.VoiceprintException;
import io.voiceprint.server.tensor.TensorException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;

/** A request that gets no result. The message is for the client: it tells nothing of the server. */
final class RequestFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** When to come again if it is not a batcher that is full, which knows how fast it is. */
  static final Duration RETRY = Duration.ofSeconds(1);

  /**
   * Most characters of a message. It may quote what the client sent; in gRPC's trailers each of
   * them takes up to nine bytes, and clients take some 8 KB of trailers.
   */
  private static final int LONGEST = 600;

  private final Fault fault;
  private final transient Optional<Duration> retryAfter;

  private RequestFailure(
      Fault fault, String message, Optional<Duration> retryAfter, Throwable cause) {
    // Neither suppressed exceptions nor a stack trace: this is an answer, and may be a frequent
    // one.
    super(shortened(message), cause, false, false);
    this.fault = fault;
    this.retryAfter = retryAfter;
  }

  private static String shortened(String message) {
    return message == null || message.length() <= LONGEST
        ? message
        : message.substring(0, LONGEST) + " …";
  }

  RequestFailure(Fault fault, String message) {
    this(fault, message, Optional.empty(), null);
  }

  static RequestFailure overloaded(String message, Duration retryAfter) {
    return new RequestFailure(Fault.OVERLOADED, message, Optional.of(retryAfter), null);
  }

  /** What an exception means to the client. */
  static RequestFailure of(Throwable thrown) {
    Throwable cause = thrown;
    while (cause.getCause() != null
        && (cause instanceof CompletionException || cause instanceof ExecutionException)) {
      cause = cause.getCause();
    }
    if (cause instanceof RequestFailure failure) {
      return failure;
    }
    if (cause instanceof ContentTooLargeException
        || (cause instanceof HttpStatusException http
            && http.httpStatus().equals(HttpStatus.REQUEST_ENTITY_TOO_LARGE))) {
      return new RequestFailure(Fault.TOO_LARGE, "the body is larger than this server takes");
    }
    if (cause instanceof RejectedExecutionException) {
      return overloaded("too much waits to be decoded", RETRY);
    }
    if (cause instanceof TensorException) {
      return new RequestFailure(Fault.BAD_REQUEST, cause.getMessage());
    }
    if (cause instanceof UnusableAudioException) {
      return new RequestFailure(Fault.UNUSABLE_AUDIO, cause.getMessage());
    }
    if (cause instanceof OverloadedException overloaded) {
      return overloaded(cause.getMessage(), overloaded.retryAfter());
    }
    if (cause instanceof DeadlineExceededException) {
      return of(Fault.TIMEOUT, cause.getMessage(), cause);
    }
    if (cause instanceof UnusableDeviceException) {
      return of(Fault.UNAVAILABLE, cause.getMessage(), cause);
    }
    if (cause instanceof CancellationException) {
      return of(Fault.TIMEOUT, "the request was cancelled or took too long", cause);
    }
    if (cause instanceof IllegalStateException) {
      return of(Fault.UNAVAILABLE, "the model is being unloaded", cause);
    }
    if (cause instanceof VoiceprintException) {
      return of(Fault.INTERNAL, cause.getMessage(), cause);
    }
    return of(Fault.INTERNAL, "the server failed; its log says how", cause);
  }

  private static RequestFailure of(Fault fault, String message, Throwable cause) {
    return new RequestFailure(fault, message, Optional.empty(), cause);
  }

  Fault fault() {
    return fault;
  }

  /** When the client may come again, if it makes sense to. */
  Optional<Duration> retryAfter() {
    return retryAfter;
  }

  /** The same in whole seconds, at least one, as the header has it. */
  Optional<String> retryAfterSeconds() {
    return retryAfter.map(wait -> String.valueOf(Math.max(1, (wait.toMillis() + 999) / 1000)));
  }
}
