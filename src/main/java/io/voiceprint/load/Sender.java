package io.voiceprint.load;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

/** Sends the clips of a plan in turn and tells the tally what came back. */
final class Sender {
  private final EmbeddingClient client;
  private final List<LoadClip> clips;
  private final Tally tally;
  private final AtomicInteger sent = new AtomicInteger();

  Sender(EmbeddingClient client, List<LoadClip> clips, Tally tally) {
    this.client = client;
    this.clips = clips;
    this.tally = tally;
  }

  /**
   * Sends the next clip.
   *
   * @param due when it should have been sent, by {@link System#nanoTime()}; its latency counts from
   *     then
   * @return completes, and never fails, once the answer or its absence is tallied
   */
  CompletableFuture<Void> send(long due) {
    LoadClip clip = clips.get(Math.floorMod(sent.getAndIncrement(), clips.size()));
    return client
        .send(clip)
        .handle(
            (answer, failure) -> {
              if (failure == null) {
                tally.answered(clip, answer, System.nanoTime() - due);
              } else {
                tally.lost(failure);
              }
              return null;
            });
  }

  int sent() {
    return sent.get();
  }
}
