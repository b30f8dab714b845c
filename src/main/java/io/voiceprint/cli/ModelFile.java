package io.voiceprint.cli;

import io.voiceprint.checkpoint.CheckpointException;
import io.voiceprint.checkpoint.StateDict;
import io.voiceprint.model.Architecture;
import io.voiceprint.model.Pooling;
import io.voiceprint.model.SpeakerModel;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A weight file and the network recognised in it.
 *
 * @param tensors what the file holds
 * @param model what it means
 */
record ModelFile(StateDict tensors, SpeakerModel model) {

  /**
   * Reads a file.
   *
   * @param pooling settles the pooling where the weights cannot; {@code null} to infer it
   * @throws CheckpointException if it is no readable weight file
   * @throws io.voiceprint.model.ModelException if it holds no known network
   */
  static ModelFile read(Path file, Pooling pooling) throws CheckpointException {
    StateDict tensors = StateDict.open(file);
    return new ModelFile(tensors, SpeakerModel.of(tensors, pooling));
  }

  /**
   * The network's constructor arguments by 3D-Speaker's names, and its threshold where it has one:
   * what a loader cannot always tell from the weights, or may check them against.
   */
  Map<String, String> description() {
    Architecture net = model.architecture();
    Map<String, String> description = new LinkedHashMap<>();
    description.put("model", net.paperName());
    description.putAll(net.arguments());
    model.threshold().ifPresent(value -> description.put("threshold", String.valueOf(value)));
    return description;
  }
}
