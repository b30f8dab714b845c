package io.voiceprint.cli;

import io.voiceprint.Embedding;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * One NumPy file per audio file, and {@code errors.jsonl} for those that have none. A result that
 * is there already and differs stays, unless it is to be replaced.
 */
final class NpyFolder implements ResultSink {
  private static final String ERRORS = "errors.jsonl";

  private final Path folder;
  private final boolean replace;

  private NpyFolder(Path folder, boolean replace) {
    this.folder = folder;
    this.replace = replace;
  }

  /**
   * Checks that every input gets a file of its own.
   *
   * @param kept must not be among these files
   * @throws CommandFailure if two inputs would share one, or one would need to be a folder
   */
  static void check(Path folder, List<AudioInput> inputs, KeptFiles kept) throws IOException {
    Map<Path, String> owners = new HashMap<>();
    owners.put(folder.resolve(ERRORS), "the list of errors");
    for (AudioInput input : inputs) {
      Path target = target(folder, input);
      String other = owners.putIfAbsent(target, input.name());
      if (other != null) {
        throw CommandFailure.usage(
            "%s and %s would both be written to %s; embed them into different folders"
                .formatted(other, input.name(), target));
      }
    }
    for (Path target : owners.keySet()) {
      kept.refuse(target);
    }
    for (AudioInput input : inputs) {
      Path target = target(folder, input);
      for (Path above = target.getParent();
          above != null && !above.equals(folder);
          above = above.getParent()) {
        if (owners.containsKey(above)) {
          throw CommandFailure.usage(
              "%s would be written to %s, which is a file for %s; embed them into different folders"
                  .formatted(input.name(), target, owners.get(above)));
        }
      }
    }
  }

  /**
   * Makes the folder; errors of an earlier run are forgotten.
   *
   * @param replace whether a different result that is there already is replaced
   */
  static NpyFolder open(Path folder, boolean replace) throws IOException {
    try {
      Files.createDirectories(folder);
      Files.deleteIfExists(folder.resolve(ERRORS));
    } catch (IOException e) {
      throw Unwritable.of(folder, e);
    }
    return new NpyFolder(folder, replace);
  }

  private static Path target(Path folder, AudioInput input) {
    Path key = input.key();
    return folder.resolve(key.resolveSibling(key.getFileName() + ".npy"));
  }

  @Override
  public void success(AudioInput input, Embedding embedding)
      throws IOException, ResultConflictException {
    Path target = target(folder, input);
    byte[] bytes = NpyFile.bytes(embedding.values());
    if (Files.exists(target) && !replace) {
      if (Files.isRegularFile(target) && Arrays.equals(Files.readAllBytes(target), bytes)) {
        return;
      }
      throw new ResultConflictException(
          "%s: %s holds another result; --force replaces it".formatted(input.name(), target));
    }
    PartialFile.write(target, bytes);
  }

  @Override
  public void failure(AudioInput input, String error) throws IOException {
    try (Writer errors =
        Files.newBufferedWriter(
            folder.resolve(ERRORS), StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
      errors.write(ResultJson.failure(input, error) + "\n");
    }
  }

  @Override
  public void finish() {}

  @Override
  public void close() {}
}
