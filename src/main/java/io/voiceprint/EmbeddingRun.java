package io.voiceprint;

import io.voiceprint.EmbeddingResult.Failure;
import io.voiceprint.EmbeddingResult.Success;
import io.voiceprint.audio.AudioWarning;
import io.voiceprint.audio.PcmAudio;
import io.voiceprint.batch.Batcher;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * One list of utterances on its way. They are handed to the batcher a batch at a time, so that each
 * batch travels together; the batcher's queue bounds how many are under way.
 */
final class EmbeddingRun {
  private final Intake intake;
  private final Batcher batcher;
  private final List<PcmAudio> utterances;
  private final EmbeddingResult[] results;
  private final PendingEmbedding[] pending;

  EmbeddingRun(Intake intake, Batcher batcher, List<PcmAudio> utterances) {
    this.intake = intake;
    this.batcher = batcher;
    this.utterances = List.copyOf(utterances);
    this.results = new EmbeddingResult[utterances.size()];
    this.pending = new PendingEmbedding[utterances.size()];
  }

  /**
   * Submits all and waits for all; cancels what is under way if it cannot.
   *
   * @param together utterances handed in at a time
   */
  List<EmbeddingResult> results(int together) throws InterruptedException {
    boolean complete = false;
    try {
      for (int from = 0; from < results.length; from += together) {
        submit(from, Math.min(from + together, results.length));
      }
      for (int i = 0; i < results.length; i++) {
        if (results[i] == null) {
          results[i] = await(pending[i]);
        }
      }
      complete = true;
      return List.of(results);
    } finally {
      if (!complete) {
        cancel();
      }
    }
  }

  private void submit(int from, int to) throws InterruptedException {
    List<Integer> usable = new ArrayList<>();
    List<PcmAudio> accepted = new ArrayList<>();
    for (int i = from; i < to; i++) {
      try {
        accepted.add(intake.accept(name(i), utterances.get(i)));
        usable.add(i);
      } catch (UnusableAudioException e) {
        results[i] = new Failure(e);
      }
    }
    List<CompletableFuture<float[]>> values = batcher.submit(accepted);
    for (int k = 0; k < values.size(); k++) {
      int i = usable.get(k);
      PcmAudio audio = utterances.get(i);
      pending[i] =
          new PendingEmbedding(name(i), audio.seconds(), AudioWarning.of(audio), values.get(k));
    }
  }

  private static String name(int i) {
    return "utterance " + i;
  }

  private static EmbeddingResult await(PendingEmbedding utterance) throws InterruptedException {
    try {
      return new Success(utterance.await());
    } catch (VoiceprintException e) {
      return new Failure(e);
    }
  }

  private void cancel() {
    for (PendingEmbedding utterance : pending) {
      if (utterance != null) {
        utterance.values().cancel(false);
      }
    }
  }
}
