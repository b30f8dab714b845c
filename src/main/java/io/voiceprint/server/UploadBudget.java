package io.voiceprint.server;

import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.server.DecoratingHttpServiceFunction;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.ServiceRequestContext;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Bounds the memory of all bodies together. What counts is what has come, not what was announced:
 * so many slow clients cost little, and can keep nobody else out by announcing much.
 */
final class UploadBudget implements DecoratingHttpServiceFunction {
  private final long most;
  private final AtomicLong held = new AtomicLong();

  /**
   * @param most bytes of all bodies that are being received, or whose request is not answered yet
   */
  UploadBudget(long most) {
    this.most = most;
  }

  @Override
  public HttpResponse serve(
      HttpService delegate, ServiceRequestContext context, HttpRequest request) throws Exception {
    AtomicLong own = new AtomicLong();
    HttpRequest counted =
        request.peekData(
            data -> {
              own.addAndGet(data.length());
              if (held.addAndGet(data.length()) > most) {
                throw RequestFailure.overloaded("too much is being uploaded", RequestFailure.RETRY);
              }
            });
    context.updateRequest(counted);
    var unused = context.log().whenComplete().thenRun(() -> held.addAndGet(-own.get()));
    return delegate.serve(context, counted);
  }

  /** Bytes held now. */
  long held() {
    return held.get();
  }
}
