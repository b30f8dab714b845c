package io.voiceprint.cli;

import java.nio.file.Path;

/**
 * One audio file to embed.
 *
 * @param name as results call it: the path as the user gave it, or the directory's with the rest
 * @param file where it is
 * @param key relative path that never leads upwards, for results in files of their own: below the
 *     directory that was given, otherwise the path as given without root and leading {@code ..}
 */
record AudioInput(String name, Path file, Path key) {

  /** A file that was named by itself. */
  static AudioInput file(Path file) {
    Path key = file.normalize();
    if (key.isAbsolute()) {
      key = key.getRoot().relativize(key);
    }
    int start = 0;
    while (start < key.getNameCount() && key.getName(start).toString().equals("..")) {
      start++;
    }
    // Nothing is left of "..", "/" and the like: no audio, but the reader will say so.
    boolean nothing = start == key.getNameCount() || key.toString().isEmpty();
    key = nothing ? Path.of("unnamed") : key.subpath(start, key.getNameCount());
    return new AudioInput(file.toString(), file, key);
  }

  /** A file that was found below a directory. */
  static AudioInput below(Path directory, Path file) {
    return new AudioInput(file.toString(), file, directory.relativize(file));
  }
}
