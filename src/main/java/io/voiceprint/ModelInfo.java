package io.voiceprint;

import io.voiceprint.model.SpeakerModel;
import java.nio.file.Path;
import java.util.OptionalDouble;

/**
 * The network that an encoder runs.
 *
 * @param source the weight file
 * @param architecture what was recognised, one line for people
 * @param parameters trainable parameters, as PyTorch counts them
 * @param embeddingSize values D of an embedding
 * @param threshold cosine at and above which two embeddings count as one speaker's, where the model
 *     states one
 */
public record ModelInfo(
    Path source,
    String architecture,
    long parameters,
    int embeddingSize,
    OptionalDouble threshold) {

  static ModelInfo of(SpeakerModel model) {
    return new ModelInfo(
        model.source(),
        model.architecture().toString(),
        model.parameters(),
        model.graph().embeddingSize(),
        model.threshold());
  }
}
