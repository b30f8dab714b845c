package io.voiceprint.checkpoint;

import io.voiceprint.golden.Golden;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The weight files among the reference data. */
final class WeightFiles {
  private WeightFiles() {}

  static Path directory() {
    return Golden.root();
  }

  static Path micro() {
    return directory().resolve("models/eres2net_micro/model.ckpt");
  }

  /** The directories of all reference models, sorted. */
  static List<Path> models() throws IOException {
    try (Stream<Path> paths = Files.list(directory().resolve("models"))) {
      return paths.filter(p -> Files.exists(p.resolve("model.ckpt"))).sorted().toList();
    }
  }

  /** First column of a manifest, without its header. */
  static List<String> files(String manifest) throws IOException {
    List<String> files = new ArrayList<>();
    for (String line : Files.readAllLines(directory().resolve(manifest))) {
      files.add(line.substring(0, line.indexOf(',')));
    }
    return files.subList(1, files.size());
  }
}
