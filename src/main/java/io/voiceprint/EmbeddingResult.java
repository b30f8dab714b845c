package io.voiceprint;

import java.util.Objects;

/** What became of one of many utterances: an embedding, or the reason why there is none. */
public sealed interface EmbeddingResult {

  /**
   * The embedding.
   *
   * @throws VoiceprintException the reason, if there is none
   */
  Embedding orElseThrow();

  /**
   * An utterance that has an embedding.
   *
   * @param embedding never {@code null}
   */
  record Success(Embedding embedding) implements EmbeddingResult {
    /** Refuses {@code null}. */
    public Success {
      Objects.requireNonNull(embedding, "embedding");
    }

    @Override
    public Embedding orElseThrow() {
      return embedding;
    }
  }

  /**
   * An utterance that has none.
   *
   * @param reason never {@code null}
   */
  record Failure(VoiceprintException reason) implements EmbeddingResult {
    /** Refuses {@code null}. */
    public Failure {
      Objects.requireNonNull(reason, "reason");
    }

    @Override
    public Embedding orElseThrow() {
      throw reason;
    }
  }
}
