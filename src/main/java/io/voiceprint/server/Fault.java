package io.voiceprint.server;

import com.linecorp.armeria.common.HttpStatus;
import io.grpc.Status;

/** What can go wrong with a request, in the words of both protocols. */
enum Fault {
  /** The request itself is wrong. */
  BAD_REQUEST(400, Status.Code.INVALID_ARGUMENT),
  /** No valid token. */
  UNAUTHORIZED(401, Status.Code.UNAUTHENTICATED),
  /** Not allowed by the configuration. */
  FORBIDDEN(403, Status.Code.PERMISSION_DENIED),
  /** No such model, or no such address. */
  NOT_FOUND(404, Status.Code.NOT_FOUND),
  /** The body is larger than the limit. */
  TOO_LARGE(413, Status.Code.RESOURCE_EXHAUSTED),
  /** The body is of a kind that is not understood. */
  UNSUPPORTED(415, Status.Code.INVALID_ARGUMENT),
  /** The request is right, but its audio has no embedding. */
  UNUSABLE_AUDIO(422, Status.Code.INVALID_ARGUMENT),
  /** Too much to do; the client is told when to come again. */
  OVERLOADED(429, Status.Code.RESOURCE_EXHAUSTED),
  /** A mistake in the server. */
  INTERNAL(500, Status.Code.INTERNAL),
  /** Not ready, stopping, or the device failed. */
  UNAVAILABLE(503, Status.Code.UNAVAILABLE),
  /** The time for the request is over. */
  TIMEOUT(504, Status.Code.DEADLINE_EXCEEDED);

  private final int http;
  private final Status.Code grpc;

  Fault(int http, Status.Code grpc) {
    this.http = http;
    this.grpc = grpc;
  }

  HttpStatus http() {
    return HttpStatus.valueOf(http);
  }

  Status.Code grpc() {
    return grpc;
  }
}
