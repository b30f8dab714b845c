package io.voiceprint.server;

import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpObject;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.server.DecoratingHttpServiceFunction;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.ServiceRequestContext;
import java.util.concurrent.atomic.AtomicLong;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;

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
    // Not peekData: what aggregates a request so filtered counts it only when all of it is there.
    HttpRequest counted =
        HttpRequest.of(
            request.headers(),
            subscriber -> request.subscribe(new CountingSubscriber(subscriber, own)));
    context.updateRequest(counted);
    var unused = context.log().whenComplete().thenRun(() -> held.addAndGet(-own.get()));
    return delegate.serve(context, counted);
  }

  /** Bytes held now. */
  long held() {
    return held.get();
  }

  /** Counts a body as it comes, and ends it when it is too much. */
  private final class CountingSubscriber implements Subscriber<HttpObject> {
    private final Subscriber<? super HttpObject> receiver;
    private final AtomicLong own;
    private Subscription subscription;
    private boolean refused;

    CountingSubscriber(Subscriber<? super HttpObject> receiver, AtomicLong own) {
      this.receiver = receiver;
      this.own = own;
    }

    @Override
    public void onSubscribe(Subscription upstream) {
      subscription = upstream;
      receiver.onSubscribe(upstream);
    }

    @Override
    public void onNext(HttpObject part) {
      if (refused) {
        return;
      }
      if (part instanceof HttpData data) {
        own.addAndGet(data.length());
        if (held.addAndGet(data.length()) > most) {
          refused = true;
          subscription.cancel();
          receiver.onError(
              RequestFailure.overloaded("too much is being uploaded", RequestFailure.RETRY));
          return;
        }
      }
      receiver.onNext(part);
    }

    @Override
    public void onError(Throwable cause) {
      if (!refused) {
        receiver.onError(cause);
      }
    }

    @Override
    public void onComplete() {
      if (!refused) {
        receiver.onComplete();
      }
    }
  }
}
