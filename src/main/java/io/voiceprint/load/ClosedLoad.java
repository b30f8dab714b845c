package io.voiceprint.load;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Callers that send the next clip when they have the answer to the last. */
final class ClosedLoad {
  private ClosedLoad() {}

  /** Returns once every answer is there. */
  static void run(Sender sender, int callers, long nanos) {
    long end = System.nanoTime() + nanos;
    List<CompletableFuture<Void>> all = new ArrayList<>();
    for (int i = 0; i < callers; i++) {
      all.add(call(sender, end));
    }
    all.forEach(CompletableFuture::join);
  }

  private static CompletableFuture<Void> call(Sender sender, long end) {
    long now = System.nanoTime();
    if (now - end >= 0) {
      return CompletableFuture.completedFuture(null);
    }
    return sender.send(now).thenComposeAsync(answered -> call(sender, end));
  }
}
