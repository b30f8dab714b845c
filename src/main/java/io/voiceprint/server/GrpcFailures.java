package io.voiceprint.server;

import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.RequestContext;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.common.ResponseHeadersBuilder;
import com.linecorp.armeria.common.grpc.GrpcExceptionHandlerFunction;
import com.linecorp.armeria.common.grpc.GrpcSerializationFormats;
import com.linecorp.armeria.common.logging.RequestLogProperty;
import io.grpc.Metadata;
import io.grpc.Status;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** What a failure is in gRPC's words, with its trailers. */
final class GrpcFailures implements GrpcExceptionHandlerFunction {
  private static final Metadata.Key<String> RETRY_AFTER = key("retry-after");

  /** What gRPC clients that retry by themselves go by (gRFC A6). */
  private static final Metadata.Key<String> PUSHBACK = key("grpc-retry-pushback-ms");

  private final EventLog log;

  GrpcFailures(EventLog log) {
    this.log = log;
  }

  private static Metadata.Key<String> key(String name) {
    return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
  }

  /** Armeria says nothing of its own about a message that is shorter than it says, or not there. */
  private static RequestFailure failure(RequestContext context, Throwable cause) {
    boolean read = context.log().isAvailable(RequestLogProperty.REQUEST_CONTENT);
    boolean ended =
        cause instanceof IndexOutOfBoundsException || cause instanceof IllegalStateException;
    return !read && ended
        ? new RequestFailure(Fault.BAD_REQUEST, "the message breaks off")
        : RequestFailure.of(cause);
  }

  /** Without the names of classes. */
  private static Status plain(Status status) {
    String description = status.getDescription();
    return description == null
        ? status
        : status.withDescription(description.replaceFirst("^com\\.linecorp\\.\\S+: ", "").strip());
  }

  /**
   * The answer to a call that is refused before it reaches its service. Clients make a code of a
   * bare HTTP status too, but not always the right one, and they drop the message.
   */
  static HttpResponse answer(RequestFailure failure) {
    ResponseHeadersBuilder headers =
        ResponseHeaders.builder(HttpStatus.OK)
            .contentType(GrpcSerializationFormats.PROTO.mediaType())
            // Clients take status and message from headers only if no frame follows these.
            .endOfStream(true)
            .setInt("grpc-status", failure.fault().grpc().value())
            .set("grpc-message", escaped(failure.getMessage()));
    failure
        .retryAfterSeconds()
        .ifPresent(seconds -> headers.set(HttpHeaderNames.RETRY_AFTER, seconds));
    return HttpResponse.of(headers.build());
  }

  /** With more characters escaped than gRPC asks for. */
  private static String escaped(String message) {
    return URLEncoder.encode(message, StandardCharsets.UTF_8).replace("+", "%20");
  }

  @Override
  public Status apply(RequestContext context, Status status, Throwable cause, Metadata trailers) {
    RequestFailure failure = failure(context, cause);
    if (failure.fault() == Fault.INTERNAL) {
      Status known = GrpcExceptionHandlerFunction.of().apply(context, status, cause, trailers);
      if (known.getCode() != Status.Code.UNKNOWN) {
        return plain(known); // Cancelled, no such method: what is not the service's own.
      }
      log.warning("a request failed", cause);
    }
    failure
        .retryAfterSeconds()
        .ifPresent(
            seconds -> {
              trailers.put(RETRY_AFTER, seconds);
              long millis = Duration.ofSeconds(Long.parseLong(seconds)).toMillis();
              trailers.put(PUSHBACK, String.valueOf(millis));
            });
    return failure.fault().grpc().toStatus().withDescription(failure.getMessage());
  }
}
