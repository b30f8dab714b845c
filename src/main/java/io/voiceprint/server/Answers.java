package io.voiceprint.server;

import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.common.ResponseHeadersBuilder;
import com.linecorp.armeria.server.ServiceRequestContext;

/** Answers in JSON, errors included, in the form that the address's protocol wants. */
final class Answers {
  /** Where the Open Inference Protocol lives. */
  private static final String INFERENCE = "/v2";

  private static final MediaType PROBLEM = MediaType.create("application", "problem+json");

  private Answers() {}

  /** Status 200. */
  static HttpResponse json(JsonBody.Content content) {
    return HttpResponse.of(HttpStatus.OK, MediaType.JSON, HttpData.wrap(JsonBody.of(content)));
  }

  /** Status 200 and no body. */
  static HttpResponse empty() {
    return HttpResponse.of(ResponseHeaders.of(HttpStatus.OK), HttpData.empty());
  }

  /** What became of a request that failed. */
  static HttpResponse failure(ServiceRequestContext context, RequestFailure failure) {
    return failure(context, failure.fault().http(), failure);
  }

  /** The same with a status that is none of ours, such as 405. */
  static HttpResponse failure(
      ServiceRequestContext context, HttpStatus status, RequestFailure failure) {
    boolean inference = isInference(context.path());
    ResponseHeadersBuilder headers =
        ResponseHeaders.builder(status).contentType(errorType(inference));
    failure
        .retryAfterSeconds()
        .ifPresent(seconds -> headers.set(HttpHeaderNames.RETRY_AFTER, seconds));
    if (failure.fault() == Fault.UNAUTHORIZED) {
      headers.set(HttpHeaderNames.WWW_AUTHENTICATE, "Bearer");
    }
    return HttpResponse.of(
        headers.build(), HttpData.wrap(error(inference, status, failure.getMessage())));
  }

  /** Whether errors at this path are those of the Open Inference Protocol. */
  static boolean isInference(String path) {
    return path.equals(INFERENCE) || path.startsWith(INFERENCE + "/");
  }

  static MediaType errorType(boolean inference) {
    return inference ? MediaType.JSON : PROBLEM;
  }

  /** As the Open Inference Protocol has it, or else RFC 9457. */
  static byte[] error(boolean inference, HttpStatus status, String detail) {
    return JsonBody.of(
        json -> {
          json.writeStartObject();
          if (inference) {
            json.writeStringField("error", detail);
          } else {
            json.writeStringField("type", "about:blank");
            json.writeStringField("title", status.reasonPhrase());
            json.writeNumberField("status", status.code());
            json.writeStringField("detail", detail);
          }
          json.writeEndObject();
        });
  }
}
