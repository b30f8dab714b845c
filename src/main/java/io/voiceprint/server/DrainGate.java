package io.voiceprint.server;

import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.server.DecoratingHttpServiceFunction;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.ServiceRequestContext;
import java.util.concurrent.CompletableFuture;

/**
 * Counts the requests that were accepted. Once the server drains, what comes is refused, and {@link
 * #empty} is done when the last accepted request has its answer.
 */
final class DrainGate implements DecoratingHttpServiceFunction {
  private final Readiness readiness;
  private final CompletableFuture<Void> empty = new CompletableFuture<>();
  private int accepted;

  DrainGate(Readiness readiness) {
    this.readiness = readiness;
  }

  @Override
  public HttpResponse serve(
      HttpService delegate, ServiceRequestContext context, HttpRequest request) throws Exception {
    if (!enter()) {
      if (!context.sessionProtocol().isMultiplex()) {
        context.mutateAdditionalResponseHeaders(
            headers -> headers.set(HttpHeaderNames.CONNECTION, "close"));
      }
      throw new RequestFailure(Fault.UNAVAILABLE, "the server is stopping");
    }
    var unused = context.log().whenComplete().thenRun(this::leave);
    return delegate.serve(context, request);
  }

  private synchronized boolean enter() {
    if (readiness.isDraining()) {
      return false;
    }
    accepted++;
    return true;
  }

  private synchronized void leave() {
    accepted--;
    check();
  }

  /** Refuses what comes from now on. */
  synchronized CompletableFuture<Void> drain() {
    readiness.drain();
    check();
    return empty;
  }

  private void check() {
    if (readiness.isDraining() && accepted == 0) {
      empty.complete(null);
    }
  }
}
