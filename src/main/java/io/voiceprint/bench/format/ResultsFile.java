package io.voiceprint.bench.format;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;

/** A file of results. */
public final class ResultsFile {
  /** What the field {@code schema} says. */
  public static final String SCHEMA = "voiceprint-bench";

  /** What the field {@code version} says. */
  public static final int VERSION = 1;

  /** How much of a file is kept. */
  public enum Extent {
    /** What a report shows: no histograms and embeddings, however long they are. */
    FIGURES(500_000, 20_000),

    /** All of it, such as the embeddings of thousands of utterances. */
    EVERYTHING(20_000_000, JsonFile.MAX_TEXT);

    private static final Set<String> DATA = Set.of("histogram", "embeddings");

    final int values;
    final int characters;

    /**
     * @param values most that are kept
     * @param characters most that a kept text has
     */
    Extent(int values, int characters) {
      this.values = values;
      this.characters = characters;
    }

    boolean skips(String field) {
      return this == FIGURES && DATA.contains(field);
    }
  }

  private ResultsFile() {}

  /**
   * Reads a file.
   *
   * @param source what to call it in messages
   * @throws MalformedResultsException if it is no file of results of this version, or too large
   * @throws IOException if it cannot be read
   */
  public static Fields read(Path file, String source, Extent extent) throws IOException {
    Fields document = JsonFile.read(file, source, extent);
    if (!document.has("schema") || !document.text("schema").equals(SCHEMA)) {
      throw document.failure("schema", "is not \"" + SCHEMA + "\": no file of results");
    }
    double version = document.number("version");
    if (version != VERSION) {
      throw document.failure("version", "is %s, but %d is read".formatted(version, VERSION));
    }
    return document;
  }
}
