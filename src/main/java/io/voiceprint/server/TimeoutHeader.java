package io.voiceprint.server;

import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.server.DecoratingHttpServiceFunction;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.ServiceRequestContext;

/** Honours {@link RequestTerms#HEADER}. */
final class TimeoutHeader implements DecoratingHttpServiceFunction {
  @Override
  public HttpResponse serve(
      HttpService delegate, ServiceRequestContext context, HttpRequest request) throws Exception {
    String header = request.headers().get(RequestTerms.HEADER);
    if (header != null) {
      RequestTerms.ofHeader(header).apply(context);
    }
    return delegate.serve(context, request);
  }
}
