package io.voiceprint.server;

import com.linecorp.armeria.common.AggregatedHttpResponse;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.RequestHeaders;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.common.ResponseHeadersBuilder;
import com.linecorp.armeria.common.annotation.Nullable;
import com.linecorp.armeria.common.grpc.GrpcSerializationFormats;
import com.linecorp.armeria.common.util.Exceptions;
import com.linecorp.armeria.server.HttpStatusException;
import com.linecorp.armeria.server.RequestTimeoutException;
import com.linecorp.armeria.server.ServerErrorHandler;
import com.linecorp.armeria.server.ServiceConfig;
import com.linecorp.armeria.server.ServiceRequestContext;

/** The last word on every request that failed; says nothing of the server's inside. */
final class ErrorAnswers implements ServerErrorHandler {
  private final EventLog log;

  ErrorAnswers(EventLog log) {
    this.log = log;
  }

  @Override
  public HttpResponse onServiceException(ServiceRequestContext context, Throwable cause) {
    if (cause instanceof RequestTimeoutException) {
      return answer(
          context, new RequestFailure(Fault.TIMEOUT, "the time for this request is over"));
    }
    if (cause instanceof HttpStatusException status) {
      return Answers.failure(
          context,
          status.httpStatus(),
          new RequestFailure(Fault.BAD_REQUEST, status.httpStatus().reasonPhrase()));
    }
    RequestFailure failure = RequestFailure.of(cause);
    if (failure.fault() == Fault.INTERNAL && !Exceptions.isStreamCancelling(cause)) {
      log.warning("a request failed", cause);
    }
    return answer(context, failure);
  }

  private static HttpResponse answer(ServiceRequestContext context, RequestFailure failure) {
    MediaType type = context.request().contentType();
    return type != null && GrpcSerializationFormats.PROTO.isAccepted(type)
        ? GrpcFailures.answer(failure)
        : Answers.failure(context, failure);
  }

  @Nullable
  @Override
  public AggregatedHttpResponse renderStatus(
      @Nullable ServiceRequestContext context,
      ServiceConfig config,
      @Nullable RequestHeaders headers,
      HttpStatus status,
      @Nullable String description,
      @Nullable Throwable cause) {
    // What breaks HTTP itself, or has no route: there is no service to say more.
    boolean inference = headers != null && Answers.isInference(path(headers));
    ResponseHeadersBuilder answer =
        ResponseHeaders.builder(status).contentType(Answers.errorType(inference));
    if (status.equals(HttpStatus.METHOD_NOT_ALLOWED) && context != null) {
      answer.set(HttpHeaderNames.ALLOW, AllowedMethods.of(context));
    }
    return AggregatedHttpResponse.of(
        answer.build(), HttpData.wrap(Answers.error(inference, status, status.reasonPhrase())));
  }

  /** Without the query. */
  private static String path(RequestHeaders headers) {
    int query = headers.path().indexOf('?');
    return query < 0 ? headers.path() : headers.path().substring(0, query);
  }
}
