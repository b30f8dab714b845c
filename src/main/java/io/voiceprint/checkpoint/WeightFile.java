package io.voiceprint.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicReference;

/**
 * An open weight file, little-endian. What is asked for is read then. Nothing is mapped: a mapping
 * would count as memory of the process until Java's garbage ends it, and to read it behind the end
 * of a file that was cut off meanwhile is a fault of the process and not an exception.
 *
 * <p>Thread-safe. The file is closed once this object is unreachable, since tensors are read from
 * it for as long as there are any; or before, by who has none.
 */
final class WeightFile {
  /** The longest range that {@link #slice} gives. */
  static final long MAX_RANGE = 1L << 30;

  private static final int BUFFER_BYTES = 1 << 16;
  private static final int MAX_MESSAGE = 400;

  private final Path path;
  private final long size;
  private final FileChannel channel;
  private final AtomicReference<ByteBuffer> spare = new AtomicReference<>();

  private WeightFile(Path path, long size, FileChannel channel) {
    this.path = path;
    this.size = size;
    this.channel = channel;
  }

  /**
   * Opens a file.
   *
   * @throws CheckpointException if it is missing, empty, not a regular file or not readable
   */
  static WeightFile open(Path path) throws CheckpointException {
    if (Files.isDirectory(path)) {
      throw failure(path, "is a directory; name the weight file inside it");
    }
    if (Files.exists(path) && !Files.isRegularFile(path)) {
      throw failure(path, "is not a regular file");
    }
    try {
      FileChannel channel = FileChannel.open(path);
      try {
        long size = channel.size();
        if (size == 0) {
          throw failure(path, "is empty (0 bytes)");
        }
        return new WeightFile(path, size, channel);
      } catch (IOException e) {
        channel.close();
        throw e;
      }
    } catch (CheckpointException e) {
      throw e;
    } catch (NoSuchFileException e) {
      throw new CheckpointException(path + ": no such file", e);
    } catch (AccessDeniedException e) {
      throw new CheckpointException(path + ": may not be read (permission denied)", e);
    } catch (IOException e) {
      throw unreadable(path, e);
    }
  }

  /** For a file that is refused: nothing can be read any more. */
  void close() {
    try {
      channel.close();
    } catch (IOException e) {
      // The file was only read; what is to be said of it is said already.
    }
  }

  Path path() {
    return path;
  }

  long size() {
    return size;
  }

  /** Whether {@code length} bytes at {@code offset} lie within the file; no sum can overflow. */
  boolean contains(long offset, long length) {
    return offset >= 0 && length >= 0 && length <= size && offset <= size - length;
  }

  /**
   * A copy of a range, position 0, little-endian, on the heap. The caller has checked the range,
   * and that it is as short as what it describes.
   */
  ByteBuffer slice(long offset, long length) throws CheckpointException {
    requireRange(offset, length);
    ByteBuffer bytes = ByteBuffer.allocate((int) length).order(ByteOrder.LITTLE_ENDIAN);
    read(offset, bytes);
    return bytes.flip();
  }

  private void requireRange(long offset, long length) {
    if (!contains(offset, length) || length > MAX_RANGE) {
      throw new IllegalArgumentException(
          path + ": range offset=" + offset + " length=" + length + " size=" + size);
    }
  }

  /** Fills a buffer with the bytes from {@code offset} on. The caller has checked the range. */
  void read(long offset, ByteBuffer into) throws CheckpointException {
    long at = offset;
    try {
      while (into.hasRemaining()) {
        int count = channel.read(into, at);
        if (count < 0) {
          throw failure("ends at byte " + at + ", but had " + size + " bytes when it was opened");
        }
        at += count;
      }
    } catch (CheckpointException e) {
      throw e;
    } catch (IOException e) {
      throw unreadable(path, e);
    }
  }

  /** A little-endian buffer outside the heap to read through; give it back afterwards. */
  ByteBuffer takeBuffer() {
    ByteBuffer buffer = spare.getAndSet(null);
    return buffer != null
        ? buffer
        : ByteBuffer.allocateDirect(BUFFER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
  }

  void giveBack(ByteBuffer buffer) {
    spare.set(buffer);
  }

  private static CheckpointException unreadable(Path path, IOException e) {
    String reason = e.getMessage() == null ? e.toString() : e.getMessage();
    return new CheckpointException(path + ": cannot be read: " + reason, e);
  }

  /** An exception whose message is one line that begins with the file. */
  CheckpointException failure(String reason) {
    return failure(path, reason);
  }

  private static CheckpointException failure(Path path, String reason) {
    // Reasons quote names out of the file, which may hold anything.
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < Math.min(reason.length(), MAX_MESSAGE); i++) {
      char c = reason.charAt(i);
      line.append(Character.isISOControl(c) || c == '\u2028' || c == '\u2029' ? '?' : c);
    }
    if (reason.length() > MAX_MESSAGE) {
      line.append("...");
    }
    return new CheckpointException(path + ": " + line);
  }
}
