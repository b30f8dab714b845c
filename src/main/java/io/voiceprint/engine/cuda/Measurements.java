package io.voiceprint.engine.cuda;

import java.util.Map;
import java.util.TreeMap;

/**
 * What a {@link Tuner} measured: the quickest run of each implementation of each layer, in
 * microseconds. Layers of one shape occur several times in a network and share an entry.
 */
final class Measurements {
  private final Map<String, Map<String, Double>> micros = new TreeMap<>();
  private final Map<String, Map<String, String>> failures = new TreeMap<>();

  void note(String layer, String choice, double time) {
    micros.computeIfAbsent(layer, l -> new TreeMap<>()).merge(choice, time, Math::min);
  }

  void failed(String layer, String choice, String reason) {
    failures.computeIfAbsent(layer, l -> new TreeMap<>()).put(choice, reason);
  }

  /** Time of the fastest implementation of a layer. */
  double fastest(String layer) {
    return micros.get(layer).values().stream().mapToDouble(Double::doubleValue).min().orElseThrow();
  }

  /** The fastest implementation of every layer that has a choice. */
  Map<String, String> choices() {
    Map<String, String> choices = new TreeMap<>();
    micros.forEach(
        (layer, times) ->
            choices.put(
                layer, times.entrySet().stream().min(Map.Entry.comparingByValue()).get().getKey()));
    return choices;
  }

  /** All that there was to choose from for a layer. */
  LayerTimes times(String layer, Candidates candidates) {
    Map<String, String> obstacles = new TreeMap<>(candidates.obstacles());
    obstacles.putAll(failures.getOrDefault(layer, Map.of()));
    return new LayerTimes(
        layer,
        candidates.nodes(),
        micros.getOrDefault(layer, Map.of()),
        obstacles,
        candidates.usual(),
        choices().getOrDefault(layer, ""));
  }
}
