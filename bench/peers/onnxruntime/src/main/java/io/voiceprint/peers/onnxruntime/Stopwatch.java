package io.voiceprint.peers.onnxruntime;

import io.voiceprint.frontend.Features;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Times one contestant on one workload, call after call. */
final class Stopwatch {
  private static final int WARM_UP_CALLS = 5;

  private Stopwatch() {}

  /** Milliseconds of {@code calls} calls after a warm-up, shortest first. */
  static List<Double> time(Contestant contestant, List<Features> utterances, int calls)
      throws Exception {
    for (int i = 0; i < WARM_UP_CALLS; i++) {
      contestant.embed(utterances);
    }
    List<Double> millis = new ArrayList<>();
    for (int i = 0; i < calls; i++) {
      long start = System.nanoTime();
      contestant.embed(utterances);
      millis.add((System.nanoTime() - start) * 1e-6);
    }
    Collections.sort(millis);
    return millis;
  }
}
