package io.voiceprint.cli;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * The files that the arguments of a command stand for: a file itself, a directory all audio files
 * below it, {@code @list.txt} the files it names, one on each line.
 */
final class AudioInputs {
  /** Also of formats that cannot be read, so that they are reported and not passed over. */
  private static final Set<String> EXTENSIONS =
      Set.of(
          "wav", "wave", "flac", "mp3", "ogg", "oga", "opus", "m4a", "aac", "aif", "aiff", "wma");

  private AudioInputs() {}

  /**
   * All files, in the order of the arguments, those of a directory sorted by path.
   *
   * @throws CommandFailure if a directory holds no audio, or a list cannot be read
   */
  static List<AudioInput> of(List<String> arguments) {
    List<AudioInput> inputs = new ArrayList<>();
    for (String argument : arguments) {
      if (isList(argument)) {
        for (String line : lines(list(argument))) {
          if (!line.isBlank()) {
            add(path(line), inputs);
          }
        }
      } else {
        add(path(argument), inputs);
      }
    }
    if (inputs.isEmpty()) {
      throw CommandFailure.usage(
          String.join(" ", arguments) + ": no audio files; are the lists empty?");
    }
    return inputs;
  }

  /** The lists among the arguments. */
  static List<Path> lists(List<String> arguments) {
    return arguments.stream().filter(AudioInputs::isList).map(AudioInputs::list).toList();
  }

  private static boolean isList(String argument) {
    return argument.length() > 1 && argument.startsWith("@");
  }

  private static Path list(String argument) {
    return path(argument.substring(1));
  }

  private static void add(Path path, List<AudioInput> inputs) {
    if (!Files.isDirectory(path)) {
      inputs.add(AudioInput.file(path));
      return;
    }
    List<Path> found = new ArrayList<>();
    try {
      Files.walkFileTree(
          path,
          EnumSet.of(FileVisitOption.FOLLOW_LINKS),
          Integer.MAX_VALUE,
          new Finder(path, found));
    } catch (IOException e) {
      throw CommandFailure.usage(ErrorLine.text(e));
    }
    if (found.isEmpty()) {
      throw CommandFailure.usage(
          path + ": no audio files in this directory (known by extension: wav, flac, mp3, ogg, …)");
    }
    found.sort(Comparator.naturalOrder());
    for (Path file : found) {
      inputs.add(AudioInput.below(path, file));
    }
  }

  private static List<String> lines(Path list) {
    try {
      return Files.readAllLines(list);
    } catch (CharacterCodingException e) {
      throw CommandFailure.usage(list + ": a list of files must be UTF-8 text, one path per line");
    } catch (IOException e) {
      throw CommandFailure.usage(ErrorLine.text(e));
    }
  }

  private static Path path(String text) {
    if (text.isEmpty()) {
      throw CommandFailure.usage("an empty argument is no path");
    }
    try {
      return Path.of(text);
    } catch (InvalidPathException e) {
      throw CommandFailure.usage("\"%s\": not a path: %s".formatted(text, e.getReason()));
    }
  }

  /** Collects audio files; hidden ones are left out, as they are rarely meant. */
  private static final class Finder extends SimpleFileVisitor<Path> {
    private final Path root;
    private final List<Path> found;

    Finder(Path root, List<Path> found) {
      this.root = root;
      this.found = found;
    }

    private static boolean isHidden(Path path) {
      return path.getFileName().toString().startsWith(".");
    }

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
      String name = file.getFileName().toString();
      String extension = name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
      if (!isHidden(file) && EXTENSIONS.contains(extension)) {
        found.add(file);
      }
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
      return !directory.equals(root) && isHidden(directory)
          ? FileVisitResult.SKIP_SUBTREE
          : FileVisitResult.CONTINUE;
    }

    /**
     * What cannot be entered is listed as well, so that reading it fails and is reported; a link
     * back to a directory above is entered once and that is enough.
     */
    @Override
    public FileVisitResult visitFileFailed(Path file, IOException e) {
      if (!(e instanceof FileSystemLoopException)) {
        found.add(file);
      }
      return FileVisitResult.CONTINUE;
    }
  }
}
