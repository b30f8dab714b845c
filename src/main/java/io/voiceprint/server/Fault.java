package io.voiceprint.server;

import com.linecorp.armeria.common.HttpStatus;
import io.grpc.Status;

/** What can go wrong with a request, in the words of both protocols. */
enum Fault {
  /** The request itself is wrong. */
  BAD_REQUEST(HttpStatus.BAD_REQUEST, Status.Code.INVALID_ARGUMENT),
  /** No valid token. */
  UNAUTHORIZED(HttpStatus.UNAUTHORIZED, Status.Code.UNAUTHENTICATED),
  /** Not allowed by the configuration. */
  FORBIDDEN(HttpStatus.FORBIDDEN, Status.Code.PERMISSION_DENIED),
  /** No such model, or no such address. */
  NOT_FOUND(HttpStatus.NOT_FOUND, Status.Code.NOT_FOUND),
  /** The body is larger than the limit. */
  TOO_LARGE(HttpStatus.REQUEST_ENTITY_TOO_LARGE, Status.Code.RESOURCE_EXHAUSTED),
  /** The body is of a kind that is not understood. */
  UNSUPPORTED(HttpStatus.UNSUPPORTED_MEDIA_TYPE, Status.Code.INVALID_ARGUMENT),
  /** The request is right, but its audio has no embedding. */
  UNUSABLE_AUDIO(HttpStatus.UNPROCESSABLE_ENTITY, Status.Code.INVALID_ARGUMENT),
  /** Too much to do; the client is told when to come again. */
  OVERLOADED(HttpStatus.TOO_MANY_REQUESTS, Status.Code.RESOURCE_EXHAUSTED),
  /** A mistake in the server. */
  INTERNAL(HttpStatus.INTERNAL_SERVER_ERROR, Status.Code.INTERNAL),
  /** Not ready, stopping, or the device failed. */
  UNAVAILABLE(HttpStatus.SERVICE_UNAVAILABLE, Status.Code.UNAVAILABLE),
  /** The time for the request is over. */
  TIMEOUT(HttpStatus.GATEWAY_TIMEOUT, Status.Code.DEADLINE_EXCEEDED);

  private final HttpStatus http;
  private final Status.Code grpc;

  Fault(HttpStatus http, Status.Code grpc) {
    this.http = http;
    this.grpc = grpc;
  }

  HttpStatus http() {
    return http;
  }

  Status.Code grpc() {
    return grpc;
  }
}
