package io.voiceprint.cli;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Says of a result that it cannot be written: by its own name, whatever was written on the way. */
final class Unwritable {
  private Unwritable() {}

  /**
   * The failure to tell people of.
   *
   * @param target what was to be written
   * @param cause why it could not be, which may name a partial file or a folder instead
   */
  static IOException of(Path target, IOException cause) {
    // That message names what is in the way.
    return cause instanceof FileAlreadyExistsException
        ? cause
        : new IOException("%s: cannot be written: %s".formatted(target, reason(cause)), cause);
  }

  private static String reason(IOException cause) {
    if (cause instanceof AccessDeniedException) {
      return "permission denied";
    }
    if (cause instanceof NoSuchFileException) {
      return "no file can be made there";
    }
    if (cause instanceof FileSystemException failure && failure.getReason() != null) {
      return failure.getReason();
    }
    return cause.getMessage() == null ? cause.toString() : cause.getMessage();
  }
}
