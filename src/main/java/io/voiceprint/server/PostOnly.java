package io.voiceprint.server;

import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.ServiceRequestContext;
import com.linecorp.armeria.server.SimpleDecoratingHttpService;

/**
 * Tells those who come to gRPC with another method what it takes. Armeria's own answer does not say
 * that.
 */
final class PostOnly extends SimpleDecoratingHttpService {
  PostOnly(HttpService delegate) {
    super(delegate);
  }

  @Override
  public HttpResponse serve(ServiceRequestContext context, HttpRequest request) throws Exception {
    if (request.method() == HttpMethod.POST) {
      return unwrap().serve(context, request);
    }
    HttpStatus status = HttpStatus.METHOD_NOT_ALLOWED;
    return HttpResponse.of(
        ResponseHeaders.builder(status)
            .contentType(Answers.errorType(false))
            .set(HttpHeaderNames.ALLOW, HttpMethod.POST.name())
            .build(),
        HttpData.wrap(Answers.error(false, status, status.reasonPhrase())));
  }
}
