package io.voiceprint.load;

import io.voiceprint.load.EmbeddingClient.Answer;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** Sends the clips of a plan in turn and tells the tally what came back. */
final class Sender {
  private final EmbeddingClient client;
  private final List<LoadClip> clips;
  private final Tally tally;
  private final AtomicInteger sent = new AtomicInteger();

  Sender(EmbeddingClient client, List<LoadClip> clips) {
    this.client = client;
    this.clips = clips;
    this.tally = new Tally(clips);
  }

  /**
   * Sends the next clip; returns once the answer or its absence is tallied.
   *
   * @param due when it should have been sent, by {@link System#nanoTime()}; its latency counts from
   *     then
   */
  void send(long due) {
    int clip = Math.floorMod(sent.getAndIncrement(), clips.size());
    try {
      Answer answer = client.send(clips.get(clip));
      tally.answered(new Served(clip, due, System.nanoTime() - due), answer);
    } catch (IOException e) {
      tally.lost(e);
    }
  }

  int sent() {
    return sent.get();
  }

  /** What became of the requests that are over. */
  Tally.Outcome outcome() {
    return tally.outcome();
  }
}
