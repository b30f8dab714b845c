package io.voiceprint.engine.cuda;

import io.voiceprint.cuda.DeviceMemory;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Places buffers in one arena so that those alive at the same step do not overlap: the largest
 * first, each at the lowest free place ("greedy by size", Pisarchyk and Lee, "Efficient Memory
 * Management for Deep Neural Net Inference", 2020).
 */
final class ArenaPlanner {
  private ArenaPlanner() {}

  /**
   * A buffer to place.
   *
   * @param bytes at least 0
   * @param first step that writes it
   * @param last step that uses it, at least {@code first}
   */
  record Request(long bytes, int first, int last) {
    boolean meets(Request other) {
      return first <= other.last && other.first <= last;
    }
  }

  /**
   * Where the buffers lie.
   *
   * @param offsets of the requests in order, in bytes
   * @param bytes of the arena
   */
  record Placement(long[] offsets, long bytes) {}

  static Placement place(List<Request> requests) {
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < requests.size(); i++) {
      order.add(i);
    }
    order.sort(Comparator.comparingLong(i -> -requests.get(i).bytes()));
    long[] offsets = new long[requests.size()];
    List<Integer> placed = new ArrayList<>(); // by offset
    long end = 0;
    for (int i : order) {
      Request request = requests.get(i);
      long bytes = DeviceMemory.align(request.bytes());
      long offset = 0;
      for (int other : placed) {
        if (!requests.get(other).meets(request)) {
          continue;
        }
        if (offset + bytes <= offsets[other]) {
          break;
        }
        offset = Math.max(offset, offsets[other] + DeviceMemory.align(requests.get(other).bytes()));
      }
      offsets[i] = offset;
      end = Math.max(end, offset + bytes);
      placed.add(i);
      placed.sort(Comparator.comparingLong(p -> offsets[p]));
    }
    return new Placement(offsets, end);
  }
}
