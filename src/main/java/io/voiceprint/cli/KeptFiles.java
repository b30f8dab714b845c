package io.voiceprint.cli;

import io.voiceprint.checkpoint.CheckpointException;
import io.voiceprint.checkpoint.StateDict;
import io.voiceprint.model.SpeakerModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** The files that a command reads: nothing that it writes may take their place. */
final class KeptFiles {
  private final List<Path> files = new ArrayList<>();
  private final List<Path> models = new ArrayList<>();

  /** One more; {@code null} for an option that was not given. */
  KeptFiles add(Path file) {
    if (file != null) {
      files.add(file);
    }
    return this;
  }

  /** A weight file and what is read beside it; {@code null} for none. */
  KeptFiles addModel(Path weights) {
    if (weights != null) {
      models.add(weights);
    }
    return this;
  }

  KeptFiles addAll(Collection<Path> others) {
    files.addAll(others);
    return this;
  }

  /**
   * Refuses to write over one of them, by whatever name or link.
   *
   * @param output to be written; {@code null} for none
   * @throws CommandFailure if it is one of them
   */
  void refuse(Path output) throws IOException {
    if (output == null || !Files.exists(output)) {
      return;
    }
    List<Path> kept = new ArrayList<>(files);
    for (Path model : models) {
      kept.add(model);
      kept.add(SpeakerModel.configuration(model));
      kept.addAll(data(model));
    }
    for (Path file : kept) {
      if (Files.exists(file) && Files.isSameFile(output, file)) {
        throw CommandFailure.usage(
            "%s: is what this command reads%s; write somewhere else"
                .formatted(output, file.equals(output) ? "" : ", as " + file));
      }
    }
  }

  /** The files that the weights themselves lie in; of ONNX there may be several. */
  private static Collection<Path> data(Path model) {
    try {
      return StateDict.open(model).files();
    } catch (CheckpointException e) {
      return List.of(); // Who reads it says what is the matter.
    }
  }
}
