package io.voiceprint.load;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Clients that hold connections: every second one never says a word, the others send the head of a
 * request a byte a second. A connection that the server closes is opened again.
 */
final class Holders implements AutoCloseable {
  private static final byte[] HEAD =
      "POST /v1/embeddings HTTP/1.1\r\nHost: load\r\nContent-Type: audio/wav\r\nX-Pad: slowly\r\n"
          .getBytes(StandardCharsets.US_ASCII);
  private static final long STEP_MILLIS = 1_000;
  private static final int CONNECT_MILLIS = 5_000;

  private final InetSocketAddress server;
  private final List<Socket> sockets = new ArrayList<>();
  private final Thread thread = new Thread(this::hold, "voiceprint-load-holders");
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
      sockets.add(open());
    }
    thread.setDaemon(true);
    if (count > 0) {
      thread.start();
    }
  }

  private synchronized Socket open() {
    Socket socket = new Socket();
    try {
      socket.connect(server, CONNECT_MILLIS);
    } catch (IOException e) {
      refused++;
    }
    return socket;
  }

  private void hold() {
    try {
      for (int step = 0; ; step++) {
        for (int i = 1; i < sockets.size(); i += 2) {
          if (!sendByte(sockets.get(i), HEAD[step % HEAD.length])) {
            synchronized (this) {
              dropped++;
            }
            closeQuietly(sockets.get(i));
            sockets.set(i, open());
          }
        }
        Thread.sleep(STEP_MILLIS);
      }
    } catch (InterruptedException e) {
      sockets.forEach(Holders::closeQuietly);
    }
  }

  private static boolean sendByte(Socket socket, byte value) {
    try {
      OutputStream out = socket.getOutputStream();
      out.write(value);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private static void closeQuietly(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      // It is of no more use either way.
      return;
    }
  }

  /** Slow connections that the server closed, so far. */
  synchronized int dropped() {
    return dropped;
  }

  /** Connections that could not be opened. */
  synchronized int refused() {
    return refused;
  }

  /** Lets the connections go, without waiting. */
  @Override
  public void close() {
    thread.interrupt();
  }
}
