package io.voiceprint.server.config;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A folder of weight files. A model's name is looked for among the names of the files that are
 * there; a name that comes from outside never becomes part of a path.
 */
public final class ModelFolder {
  private static final Set<String> ENDINGS =
      Set.of("safetensors", "ckpt", "pt", "pth", "bin", "onnx");

  /** Most names in a message. */
  private static final int SHOWN = 10;

  private final Path folder;
  private final ConfigValues values;

  ModelFolder(Path folder, ConfigValues values) {
    this.folder = folder;
    this.values = values;
  }

  /**
   * The models that are there now, by name: regular files with the ending of a weight file. Of two
   * that differ in nothing but the ending, the first by the alphabet counts.
   *
   * @throws UncheckedIOException if the folder cannot be read
   */
  public Map<String, ModelSpec> models() {
    Map<String, ModelSpec> models = new TreeMap<>();
    try (Stream<Path> files = Files.list(folder)) {
      files.filter(Files::isRegularFile).sorted().forEach(file -> add(models, file));
    } catch (IOException e) {
      throw new UncheckedIOException("the model folder cannot be read", e);
    }
    return models;
  }

  /**
   * What is there now, in words, for somebody who named no model.
   *
   * @throws UncheckedIOException as {@link #models()}
   */
  public String content() {
    Map<String, ModelSpec> models = models();
    if (models.isEmpty()) {
      return "%s holds no weight file (%s)"
          .formatted(
              folder,
              ENDINGS.stream().sorted().map(end -> "*." + end).collect(Collectors.joining(", ")));
    }
    String names = models.keySet().stream().limit(SHOWN).collect(Collectors.joining(", "));
    int more = models.size() - SHOWN;
    return "%s holds %s%s".formatted(folder, names, more > 0 ? " and " + more + " more" : "");
  }

  /**
   * What names a model of the folder on the command line; without one, in general.
   *
   * @throws UncheckedIOException as {@link #models()}
   */
  public String option() {
    return models().values().stream()
        .findFirst()
        .map(spec -> "--model %s=%s".formatted(spec.name(), spec.file()))
        .orElse("--model NAME=FILE");
  }

  private void add(Map<String, ModelSpec> models, Path file) {
    String fileName = file.getFileName().toString();
    int dot = fileName.lastIndexOf('.');
    if (dot > 0 && ENDINGS.contains(fileName.substring(dot + 1))) {
      String name = fileName.substring(0, dot);
      if (ModelSpec.isName(name)) {
        models.putIfAbsent(name, ModelSpec.of(name, file, values));
      }
    }
  }
}
