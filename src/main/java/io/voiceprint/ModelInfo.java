package io.voiceprint;

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
    OptionalDouble threshold) {}
