package io.voiceprint.load;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * Clients that hold connections: every second one never says a word, the others send the head of a
 * request a byte a second, spread over the second. A connection that the server closes is opened
 * again within one.
 */
final class Holders implements AutoCloseable {
  private static final byte[] HEAD =
      "POST /v1/embeddings HTTP/1.1\r\nHost: load\r\nContent-Type: audio/wav\r\nX-Pad: slowly\r\n"
          .getBytes(StandardCharsets.US_ASCII);
  private static final long ROUND_NANOS = 1_000_000_000;

  private final InetSocketAddress server;
  private final List<SocketChannel> channels = new ArrayList<>();
  private final Thread thread = new Thread(this::hold, "voiceprint-load-holders");
  private volatile boolean closed;
  private int dropped;
  private int refused;

  /** Opens the connections; returns when they are open. */
  Holders(URI address, int count) {
    int port = address.getPort();
    if (port < 0) {
      port = "https".equals(address.getScheme()) ? 443 : 80;
    }
    this.server = new InetSocketAddress(address.getHost(), port);
    for (int i = 0; i < count; i++) {
      channels.add(open());
    }
    thread.setDaemon(true);
    if (count > 0) {
      thread.start();
    }
  }

  /** A connection; {@code null} if there is none to be had. */
  private SocketChannel open() {
    try {
      SocketChannel channel = SocketChannel.open(server);
      channel.configureBlocking(false);
      return channel;
    } catch (IOException e) {
      synchronized (this) {
        refused++;
      }
      return null;
    }
  }

  private void hold() {
    for (int step = 0; !closed; step++) {
      for (int i = 0; i < channels.size() && !closed; i++) {
        if (!isHeld(channels.get(i), i % 2 == 0 ? -1 : HEAD[step % HEAD.length])) {
          close(channels.get(i));
          channels.set(i, open());
        }
        LockSupport.parkNanos(ROUND_NANOS / channels.size());
      }
    }
    channels.forEach(this::close);
  }

  /**
   * Looks after a connection.
   *
   * @param say the next byte of the head; below 0 to say nothing
   * @return whether it is still there
   */
  private boolean isHeld(SocketChannel channel, int say) {
    if (channel == null) {
      return false;
    }
    try {
      if (say >= 0) {
        channel.write(ByteBuffer.wrap(new byte[] {(byte) say}));
      }
      if (channel.read(ByteBuffer.allocate(1024)) >= 0) {
        return true;
      }
    } catch (IOException e) {
      // The same as the end of the stream.
    }
    synchronized (this) {
      dropped++;
    }
    return false;
  }

  private void close(SocketChannel channel) {
    if (channel != null) {
      try {
        channel.close();
      } catch (IOException e) {
        // It is of no more use either way.
        return;
      }
    }
  }

  /** Connections that the server closed, so far. */
  synchronized int dropped() {
    return dropped;
  }

  /** Connections that could not be opened. */
  synchronized int refused() {
    return refused;
  }

  /** Lets the connections go soon, without waiting. */
  @Override
  public void close() {
    closed = true;
  }
}
