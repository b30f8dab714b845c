package io.voiceprint.load;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Latencies under load beside those of a single caller, clip by clip: so what clips of different
 * lengths take by themselves is apart from what they wait for.
 *
 * @param aloneMs latencies of the single caller
 * @param slowdown latency under load by that of the same clip for the single caller (its median)
 * @param oneByOneMs latencies of a server without any cost of its own that computed the same
 *     requests one by one in the order in which they were due, each in the single caller's time:
 *     what the times of arrival alone make of it
 */
record Comparison(Spread aloneMs, Spread slowdown, Spread oneByOneMs) {

  /**
   * @param clips of the plan
   * @param alone what a single caller got; clips that it did not get are left out
   * @param loaded what came under load
   */
  static Comparison of(int clips, List<Served> alone, List<Served> loaded) {
    double[] usual = medians(clips, alone);
    List<Served> comparable =
        loaded.stream().filter(each -> !Double.isNaN(usual[each.clip()])).toList();
    double[] slowdowns =
        comparable.stream().mapToDouble(each -> each.millis() / usual[each.clip()]).toArray();
    return new Comparison(
        Served.latencies(alone), Spread.of(slowdowns), Spread.of(oneByOne(usual, comparable)));
  }

  /** Milliseconds of each clip; NaN where it has none. */
  private static double[] medians(int clips, List<Served> served) {
    List<List<Double>> ofClips = new ArrayList<>();
    for (int i = 0; i < clips; i++) {
      ofClips.add(new ArrayList<>());
    }
    served.forEach(each -> ofClips.get(each.clip()).add(each.millis()));
    return ofClips.stream()
        .map(times -> times.stream().mapToDouble(Double::doubleValue).toArray())
        .mapToDouble(times -> Spread.of(times).p50())
        .toArray();
  }

  private static double[] oneByOne(double[] usual, List<Served> loaded) {
    List<Served> inOrder = new ArrayList<>(loaded);
    inOrder.sort(Comparator.comparingLong(Served::dueNanos));
    double[] latencies = new double[inOrder.size()];
    double free = 0; // Milliseconds since the first was due.
    for (int i = 0; i < latencies.length; i++) {
      double due = (inOrder.get(i).dueNanos() - inOrder.get(0).dueNanos()) * 1e-6;
      free = Math.max(free, due) + usual[inOrder.get(i).clip()];
      latencies[i] = free - due;
    }
    return latencies;
  }
}
