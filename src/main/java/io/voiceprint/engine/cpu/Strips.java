package io.voiceprint.engine.cpu;

import java.util.List;

/**
 * The {@link Head} of a network runs in strips along time, all of its nodes on one strip before any
 * on the next: its maps, the largest of the network, then stay in cache and need memory for one
 * strip only.
 *
 * <p>Strips overlap by the head's halo, where a strip computes what the next one computes again and
 * right. What a strip cannot know of the rows before it, it takes over: see {@link SeamRows}.
 *
 * @param lastNode nodes 0 to {@code lastNode} run in strips
 * @param frames of a strip
 * @param step frames from the beginning of a strip to that of the next, a multiple of the time
 *     strides of all values in the head
 * @param count of strips; 1 if everything runs in one piece
 */
record Strips(int lastNode, int frames, int step, int count) {
  /**
   * Size of the largest map of a strip. On processors with 1 to 2 MB of cache per core and tens of
   * MB for all, layers are as fast as on shorter utterances from here on down.
   */
  static final long MAP_BYTES = 6L << 20;

  /** Strips have at least so many frames per frame of halo. */
  private static final int FRAMES_PER_HALO_FRAME = 8;

  /** No strips. */
  static Strips none(int nodes, int frames) {
    return new Strips(nodes - 1, frames, frames, 1);
  }

  /**
   * Strips of the shortest head behind which no map is larger than {@code mapBytes}, or of the
   * longest whose halo is small beside the strips; none if the utterance is short.
   *
   * @param heads of the graph, the shortest first
   * @param nodes of the graph
   * @param frames of the utterance
   * @param mapBytes of the largest map of a strip
   */
  static Strips choose(List<Head> heads, int nodes, int frames, long mapBytes) {
    Strips chosen = none(nodes, frames);
    for (Head head : heads) {
      int fitting = (int) (mapBytes / head.frameBytes());
      if (head.addedFrameBytes() * frames > mapBytes
          && fitting > head.halo() * FRAMES_PER_HALO_FRAME) {
        Strips strips = of(head, nodes, frames, fitting);
        chosen = strips.count() > 1 ? strips : chosen;
      }
    }
    return chosen;
  }

  /**
   * Of the numbers of strips that fit, and twice as many, the one with the fewest frames in all.
   */
  private static Strips of(Head head, int nodes, int frames, int fitting) {
    int own = fitting - head.halo();
    int least = (frames - head.halo() + own - 1) / own;
    Strips best = none(nodes, frames);
    for (int count = Math.max(2, least); count <= 2 * least; count++) {
      int step = (frames - head.halo()) / count / head.timeStride() * head.timeStride();
      int length = frames - (count - 1) * step;
      boolean fits = step > 0 && length <= fitting;
      if (fits && (best.count == 1 || (long) count * length < (long) best.count * best.frames)) {
        best = new Strips(head.lastNode(), length, step, count);
      }
    }
    return best;
  }

  /** Whether a node runs once for each of several strips. */
  boolean contains(int node) {
    return count > 1 && node <= lastNode;
  }
}
