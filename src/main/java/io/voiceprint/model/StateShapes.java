package io.voiceprint.model;

import io.voiceprint.checkpoint.StateDict;
import io.voiceprint.checkpoint.StoredTensor;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Widths and depths of a network, read off the names and shapes of its state dict. Each is taken
 * from several tensors by majority, so that one faulty tensor is later reported as faulty instead
 * of changing the verdict.
 */
record StateShapes(StateDict dict) {

  /** One axis of a tensor. */
  record Axis(String key, int index) {}

  /** Whether any key starts with {@code prefix}. */
  boolean has(String prefix) {
    return dict.names().stream().anyMatch(name -> name.startsWith(prefix));
  }

  /** One extent of a tensor, or -1 where there is no such tensor or axis. */
  int extent(String key, int axis) {
    StoredTensor tensor = dict.tensor(key);
    return tensor == null || tensor.shape().length <= axis ? -1 : tensor.shape()[axis];
  }

  /**
   * The extent that most of these axes agree on.
   *
   * @throws ModelException if none of them is there
   */
  int majority(Axis... axes) {
    Map<Integer, Integer> votes = new HashMap<>();
    for (Axis axis : axes) {
      int extent = extent(axis.key(), axis.index());
      if (extent > 0) {
        votes.merge(extent, 1, Integer::sum);
      }
    }
    return winner(votes, "the shape of " + axes[0].key());
  }

  /**
   * What got most votes, the larger of two that got as many.
   *
   * @throws ModelException if there are none
   */
  int winner(Map<Integer, Integer> votes, String what) {
    return votes.entrySet().stream()
        .max(
            Map.Entry.<Integer, Integer>comparingByValue()
                .thenComparing(Map.Entry.comparingByKey()))
        .map(Map.Entry::getKey)
        .orElseThrow(
            () -> new ModelException("%s: cannot infer %s".formatted(dict.source(), what)));
  }

  /**
   * The largest number that stands in keys at the only group of a pattern, or -1.
   *
   * @param key matches whole keys; its group matches at most four digits
   */
  int largest(Pattern key) {
    int largest = -1;
    for (String name : dict.names()) {
      Matcher matcher = key.matcher(name);
      if (matcher.matches()) {
        largest = Math.max(largest, Integer.parseInt(matcher.group(1)));
      }
    }
    return largest;
  }
}
