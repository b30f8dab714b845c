package io.voiceprint.batch;

import io.voiceprint.audio.PcmAudio;
import java.util.concurrent.CompletableFuture;

/** One utterance on its way. */
final class Request {
  private final PcmAudio audio;
  private final long length;
  private final int frames;
  private final int columns;
  private final Terms terms;
  private final CompletableFuture<float[]> embedding = new CompletableFuture<>();
  private long sequence;
  private long arrival;

  /**
   * @param audio mono, at a rate that the engine takes
   * @param length of it in samples at the front end's rate
   * @param frames of these
   * @param columns that they take in a row
   */
  Request(PcmAudio audio, long length, int frames, int columns, Terms terms) {
    this.audio = audio;
    this.length = length;
    this.frames = frames;
    this.columns = columns;
    this.terms = terms;
  }

  /** Notes when it came into the queue, and as which; written and read under the queue's lock. */
  void arrive(long number, long nanos) {
    sequence = number;
    arrival = nanos;
  }

  PcmAudio audio() {
    return audio;
  }

  /** Memory that its samples take while it waits. */
  long heldBytes() {
    return audio.array().bytes();
  }

  /** Samples at the front end's rate. */
  long length() {
    return length;
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
