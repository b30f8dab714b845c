package io.voiceprint.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A whole file mapped read-only, little-endian.
 *
 * <p>A buffer addresses at most 2 GiB, so the file is mapped as segments that start every {@link
 * #STEP} bytes and overlap by as much: any range of up to {@code STEP} bytes lies in one of them.
 * The mapping lives until it is unreachable; the file must not be truncated meanwhile.
 */
final class MappedFile {
  /** Bytes from one segment to the next, and the longest range that {@link #slice} gives. */
  static final long STEP = 1L << 30;

  private static final int MAX_MESSAGE = 400;

  private final Path path;
  private final long size;
  private final List<ByteBuffer> segments;

  private MappedFile(Path path, long size, List<ByteBuffer> segments) {
    this.path = path;
    this.size = size;
    this.segments = segments;
  }

  /**
   * Maps a file.
   *
   * @throws CheckpointException if it is missing, empty, not a regular file or not readable
   */
  static MappedFile open(Path path) throws CheckpointException {
    if (Files.isDirectory(path)) {
      throw failure(path, "is a directory; name the weight file inside it");
    }
    if (Files.exists(path) && !Files.isRegularFile(path)) {
      throw failure(path, "is not a regular file");
    }
    try (FileChannel channel = FileChannel.open(path)) {
      long size = channel.size();
      if (size == 0) {
        throw failure(path, "is empty (0 bytes)");
      }
      List<ByteBuffer> segments = new ArrayList<>();
      for (long start = 0; start < size; start += STEP) {
        long length = Math.min(size - start, Integer.MAX_VALUE);
        segments.add(channel.map(FileChannel.MapMode.READ_ONLY, start, length));
      }
      return new MappedFile(path, size, segments);
    } catch (CheckpointException e) {
      throw e;
    } catch (NoSuchFileException e) {
      throw new CheckpointException(path + ": no such file", e);
    } catch (AccessDeniedException e) {
      throw new CheckpointException(path + ": may not be read (permission denied)", e);
    } catch (IOException e) {
      throw new CheckpointException(path + ": cannot be read: " + e.getMessage(), e);
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

  /** A view of a range, position 0, little-endian. The caller has checked the range. */
  ByteBuffer slice(long offset, long length) {
    if (!contains(offset, length) || length > STEP) {
      throw new IllegalArgumentException(
          path + ": range offset=" + offset + " length=" + length + " size=" + size);
    }
    int segment = (int) Math.min(offset / STEP, segments.size() - 1L);
    int start = (int) (offset - segment * STEP);
    return segments.get(segment).slice(start, (int) length).order(ByteOrder.LITTLE_ENDIAN);
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
