package io.voiceprint.cli;

import java.io.Closeable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.SecureRandom;

/**
 * A file that appears under its name only when it is complete. Until then it lies beside it, as
 * {@code NAME.….partial}.
 */
final class PartialFile implements Closeable {
  private final Path target;
  private final Path partial;

  private PartialFile(Path target, Path partial) {
    this.target = target;
    this.partial = partial;
  }

  /**
   * Finds out, before long work, whether its result can be written; leaves nothing behind.
   *
   * @throws CommandFailure if the target is a directory, a device or a pipe
   * @throws IOException if no file can be made there; names the target
   */
  static void check(Path target) throws IOException {
    requireFile(target);
    try {
      tryOut(target);
    } catch (IOException e) {
      throw Unwritable.of(target, e);
    }
  }

  private static void tryOut(Path target) throws IOException {
    Path above = target.toAbsolutePath().getParent();
    while (!Files.exists(above)) {
      above = above.getParent();
    }
    if (!Files.isDirectory(above)) {
      throw new FileAlreadyExistsException(above.toString());
    }
    Files.delete(Files.createTempFile(above, ".voiceprint", ".partial"));
  }

  /**
   * Makes the file, empty, and the directories above it.
   *
   * @throws CommandFailure if the target is a directory, a device or a pipe
   * @throws IOException if no file can be made there; names the target
   */
  static PartialFile create(Path target) throws IOException {
    requireFile(target);
    Path directory = target.toAbsolutePath().getParent();
    String suffix = "." + Long.toHexString(new SecureRandom().nextLong()) + ".partial";
    try {
      Files.createDirectories(directory);
      Path partial = Files.createFile(directory.resolve(target.getFileName() + suffix));
      return new PartialFile(target, partial);
    } catch (IOException e) {
      throw Unwritable.of(target, e);
    }
  }

  /** What is renamed to a device's name would take its place. */
  private static void requireFile(Path target) {
    if (Files.isDirectory(target)) {
      throw CommandFailure.usage(target + ": is a folder; name a file");
    }
    if (Files.exists(target) && !Files.isRegularFile(target)) {
      throw CommandFailure.usage(target + ": is a device or a pipe; name a file");
    }
  }

  /** Writes a whole text, in UTF-8. */
  static void write(Path target, String text) throws IOException {
    write(target, text.getBytes(StandardCharsets.UTF_8));
  }

  /** Writes a whole file. */
  static void write(Path target, byte[] bytes) throws IOException {
    try (PartialFile file = create(target)) {
      try {
        Files.write(file.path(), bytes);
      } catch (IOException e) {
        throw Unwritable.of(target, e);
      }
      file.complete();
    }
  }

  /** Where to write. */
  Path path() {
    return partial;
  }

  /** Gives the file its name, in one step; replaces what has it. */
  void complete() throws IOException {
    try {
      Files.move(partial, target, StandardCopyOption.ATOMIC_MOVE);
    } catch (AtomicMoveNotSupportedException e) {
      Files.move(partial, target, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  /** Deletes what was not completed. */
  @Override
  public void close() throws IOException {
    Files.deleteIfExists(partial);
  }
}
