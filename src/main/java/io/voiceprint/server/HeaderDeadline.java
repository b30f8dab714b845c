package io.voiceprint.server;

import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.logging.RequestLogProperty;
import com.linecorp.armeria.common.logging.RequestOnlyLog;
import com.linecorp.armeria.server.DecoratingHttpServiceFunction;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.AttributeKey;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Closes a connection whose client takes too long over the head of a request, be it a byte at a
 * time: every byte would start the idle timeout anew. The time runs from the opening of the
 * connection, or from the first byte after an answer, until a request's head is complete. A
 * connection of HTTP/2 is left alone once it has brought a request, since it may bring pings
 * between them.
 *
 * <p>All state belongs to the connection's event loop.
 */
final class HeaderDeadline extends ChannelInboundHandlerAdapter {
  private static final AttributeKey<HeaderDeadline> KEY =
      AttributeKey.valueOf(HeaderDeadline.class, "deadline");

  private final Duration time;
  private Future<?> timer;
  private int requests;
  private boolean multiplexed;

  HeaderDeadline(Duration time) {
    this.time = time;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext context) {
    context.channel().attr(KEY).set(this);
    arm(context.channel());
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (requests == 0 && !multiplexed) {
      arm(context.channel());
    }
    context.fireChannelRead(message);
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    disarm();
    context.fireChannelInactive();
  }

  private void arm(Channel channel) {
    if (timer == null) {
      Runnable close =
          () -> {
            var unused = channel.close();
          };
      timer = channel.eventLoop().schedule(close, time.toMillis(), TimeUnit.MILLISECONDS);
    }
  }

  private void disarm() {
    if (timer != null) {
      timer.cancel(false);
      timer = null;
    }
  }

  private void began(boolean multiplex) {
    multiplexed = multiplex;
    requests++;
    disarm();
  }

  private void ended() {
    requests--;
  }

  /** Tells the connections when their requests begin and end. */
  static final class Requests implements DecoratingHttpServiceFunction {
    @Override
    public HttpResponse serve(
        HttpService delegate, ServiceRequestContext context, HttpRequest request) throws Exception {
      RequestOnlyLog log = context.log().ensureAvailable(RequestLogProperty.SESSION);
      Channel channel = log.channel();
      HeaderDeadline deadline = channel == null ? null : channel.attr(KEY).get();
      if (deadline != null) {
        boolean multiplex = context.sessionProtocol().isMultiplex();
        channel.eventLoop().execute(() -> deadline.began(multiplex));
        var unused =
            context
                .log()
                .whenComplete()
                .thenRun(() -> channel.eventLoop().execute(deadline::ended));
      }
      return delegate.serve(context, request);
    }
  }
}
