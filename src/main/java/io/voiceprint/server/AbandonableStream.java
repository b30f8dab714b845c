package io.voiceprint.server;

import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;

/**
 * A stream that ends the work of whoever reads it once nobody wants its result any more. It hands
 * out little at a time, since few bytes can stand for much audio.
 */
final class AbandonableStream extends InputStream {
  private static final int MOST_BYTES = 1024;

  private final InputStream stream;
  private final BooleanSupplier abandoned;

  /**
   * @param stream is read, and left open
   * @param abandoned is asked before each read
   */
  AbandonableStream(InputStream stream, BooleanSupplier abandoned) {
    this.stream = stream;
    this.abandoned = abandoned;
  }

  /**
   * @throws CancellationException if it is abandoned
   */
  @Override
  public int read() throws IOException {
    requireWanted();
    return stream.read();
  }

  /**
   * @throws CancellationException if it is abandoned
   */
  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    requireWanted();
    return stream.read(target, offset, Math.min(length, MOST_BYTES));
  }

  private void requireWanted() {
    if (abandoned.getAsBoolean()) {
      throw new CancellationException("nobody waits for this audio any more");
    }
  }
}
