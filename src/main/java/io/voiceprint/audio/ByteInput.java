package io.voiceprint.audio;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A buffered little-endian reader over a stream that it does not own and never closes. It knows the
 * name of what it reads, for messages, and how far it has come.
 */
final class ByteInput {
  /** Bytes that {@link #peek} can look ahead. */
  static final int LOOKAHEAD = 8192;

  private final InputStream stream;
  private final String name;
  private final byte[] buffer = new byte[4 * LOOKAHEAD];
  private int start;
  private int end;
  private long consumed;

  ByteInput(InputStream stream, String name) {
    this.stream = stream;
    this.name = name;
  }

  String name() {
    return name;
  }

  /** Bytes read or skipped so far. */
  long position() {
    return consumed;
  }

  /** An exception about this input, not thrown. */
  @SuppressWarnings("AnnotateFormatMethod") // The annotation would cost a dependency.
  AudioException error(String format, Object... arguments) {
    return new AudioException(name + ": " + format.formatted(arguments));
  }

  /** Up to {@code length} of the next bytes, fewer only at the end of the input, not consumed. */
  byte[] peek(int length) throws IOException {
    int available = fill(length);
    return Arrays.copyOfRange(buffer, start, start + Math.min(length, available));
  }

  /** The next byte, 0 to 255, or -1 at the end of the input. */
  int read() throws IOException {
    if (fill(1) == 0) {
      return -1;
    }
    consumed++;
    return buffer[start++] & 0xff;
  }

  /** Reads until {@code target} is full or the input ends; returns the bytes read. */
  int readUpTo(byte[] target, int length) throws IOException {
    int done = 0;
    while (done < length && fill(1) > 0) {
      int count = Math.min(length - done, end - start);
      System.arraycopy(buffer, start, target, done, count);
      start += count;
      consumed += count;
      done += count;
    }
    return done;
  }

  /**
   * The next {@code length} bytes.
   *
   * @param length at most a few kilobytes: it is allocated before it is read
   * @throws EOFException if the input ends before
   */
  byte[] bytes(int length) throws IOException {
    byte[] bytes = new byte[length];
    if (readUpTo(bytes, length) < length) {
      throw new EOFException();
    }
    return bytes;
  }

  int u16() throws IOException {
    byte[] b = bytes(2);
    return (b[0] & 0xff) | (b[1] & 0xff) << 8;
  }

  long u32() throws IOException {
    return u16() | (long) u16() << 16;
  }

  long s64() throws IOException {
    return u32() | u32() << 32;
  }

  String fourCharacters() throws IOException {
    return new String(bytes(4), StandardCharsets.ISO_8859_1);
  }

  /** Skips up to {@code length} bytes; returns how many there were. */
  long skip(long length) throws IOException {
    long done = 0;
    while (done < length && fill(1) > 0) {
      int count = (int) Math.min(length - done, end - start);
      start += count;
      consumed += count;
      done += count;
    }
    return done;
  }

  /** Makes {@code wanted} bytes available where the input has them; returns how many are. */
  private int fill(int wanted) throws IOException {
    if (end - start >= wanted) {
      return end - start;
    }
    System.arraycopy(buffer, start, buffer, 0, end - start);
    end -= start;
    start = 0;
    while (end < wanted) {
      int count = stream.read(buffer, end, buffer.length - end);
      if (count < 0) {
        break;
      }
      end += count;
    }
    return end;
  }
}
