package io.voiceprint;

import io.voiceprint.audio.PcmAudio;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Utterances that are handed in together, some of which the intake may have refused. */
final class Admission {
  private final List<Utterance> utterances;
  private final List<Optional<UnusableAudioException>> refusals;
  private final List<PcmAudio> accepted;

  Admission(Intake intake, List<Utterance> utterances) {
    this.utterances = utterances;
    this.refusals = new ArrayList<>(utterances.size());
    this.accepted = new ArrayList<>(utterances.size());
    for (Utterance utterance : utterances) {
      try {
        accepted.add(intake.accept(utterance.name(), utterance.audio()));
        refusals.add(Optional.empty());
      } catch (UnusableAudioException e) {
        refusals.add(Optional.of(e));
      }
    }
  }

  /** Of the utterances that were not refused, in order. */
  List<PcmAudio> accepted() {
    return accepted;
  }

  /**
   * All utterances, in order; those that were refused have failed already.
   *
   * @param values what the engine computes of each that was accepted
   */
  List<PendingEmbedding> pending(List<CompletableFuture<float[]>> values) {
    Iterator<CompletableFuture<float[]>> computed = values.iterator();
    List<PendingEmbedding> pending = new ArrayList<>(utterances.size());
    for (int i = 0; i < utterances.size(); i++) {
      Utterance utterance = utterances.get(i);
      pending.add(
          new PendingEmbedding(
              utterance.name(),
              utterance.audio().seconds(),
              utterance.warnings(),
              refusals
                  .get(i)
                  .map(CompletableFuture::<float[]>failedFuture)
                  .orElseGet(computed::next)));
    }
    return pending;
  }
}
