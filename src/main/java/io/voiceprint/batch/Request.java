package io.voiceprint.batch;

import java.util.concurrent.CompletableFuture;

/** One utterance on its way. */
final class Request {
  private final float[] samples;
  private final int frames;
  private final int columns;
  private final Terms terms;
  private final CompletableFuture<float[]> embedding = new CompletableFuture<>();
  private long sequence;
  private long arrival;

  /**
   * @param samples mono PCM at the engine's sample rate
   * @param frames of these
   * @param columns that they take in a row
   */
  Request(float[] samples, int frames, int columns, Terms terms) {
    this.samples = samples;
    this.frames = frames;
    this.columns = columns;
    this.terms = terms;
  }

  /** Notes when it came into the queue, and as which; written and read under the queue's lock. */
  void arrive(long number, long nanos) {
    sequence = number;
    arrival = nanos;
  }

  float[] samples() {
    return samples;
  }

  int frames() {
    return frames;
  }

  int columns() {
    return columns;
  }

  Terms terms() {
    return terms;
  }

  long sequence() {
    return sequence;
  }

  long arrival() {
    return arrival;
  }

  /** (D), once it is computed. */
  CompletableFuture<float[]> embedding() {
    return embedding;
  }

  boolean isLate(long now) {
    return terms.deadline().isPresent() && now - terms.deadline().getAsLong() >= 0;
  }

  /** Gives it up; {@code false} if it is over already. */
  boolean expire() {
    return embedding.completeExceptionally(new ExpiredException());
  }
}
