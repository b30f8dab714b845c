package io.voiceprint;

import io.voiceprint.EmbeddingResult.Failure;
import io.voiceprint.EmbeddingResult.Success;
import io.voiceprint.audio.PcmAudio;
import java.util.ArrayList;
import java.util.List;

/**
 * One list of utterances on its way. They are handed in a batch at a time, so that each batch
 * travels together; the queue bounds how many are under way.
 */
final class EmbeddingRun {
  private final Submission submission;
  private final List<PcmAudio> utterances;
  private final List<PendingEmbedding> pending = new ArrayList<>();

  EmbeddingRun(Submission submission, List<PcmAudio> utterances) {
    this.submission = submission;
    this.utterances = List.copyOf(utterances);
  }

  /**
   * Hands in all and waits for all; cancels what is under way if it cannot.
   *
   * @param together utterances handed in at a time
   */
  List<EmbeddingResult> results(int together) throws InterruptedException {
    boolean complete = false;
    try {
      for (int from = 0; from < utterances.size(); from += together) {
        put(from, Math.min(from + together, utterances.size()));
      }
      List<EmbeddingResult> results = new ArrayList<>(pending.size());
      for (PendingEmbedding each : pending) {
        results.add(await(each));
      }
      complete = true;
      return List.copyOf(results);
    } finally {
      if (!complete) {
        pending.forEach(PendingEmbedding::cancel);
      }
    }
  }

  private void put(int from, int to) throws InterruptedException {
    List<Utterance> batch = new ArrayList<>(to - from);
    for (int i = from; i < to; i++) {
      batch.add(Utterance.of("utterance " + i, utterances.get(i)));
    }
    pending.addAll(submission.put(batch));
  }

  private static EmbeddingResult await(PendingEmbedding utterance) throws InterruptedException {
    try {
      return new Success(utterance.await());
    } catch (VoiceprintException e) {
      return new Failure(e);
    }
  }
}
