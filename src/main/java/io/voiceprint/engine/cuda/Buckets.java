package io.voiceprint.engine.cuda;

import java.util.Arrays;

/**
 * The few sizes that rows come in, so that few plans serve all lengths: a geometric sequence of
 * four sizes per octave, through the footprint of three seconds of speech, the length that clients
 * send most.
 */
final class Buckets {
  private static final int ANCHOR_FRAMES = 298;
  private static final int PER_OCTAVE = 4;
  private static final int OCTAVES_UP = 6;

  private final int[] sizes;

  private Buckets(int[] sizes) {
    this.sizes = sizes;
  }

  /**
   * The sizes from the footprint of the shortest clip on.
   *
   * @param minFrames fewest frames of a clip
   * @param limit most columns a row may have
   */
  static Buckets of(RowGeometry geometry, int minFrames, int limit) {
    int smallest = geometry.footprint(minFrames);
    int anchor = geometry.footprint(ANCHOR_FRAMES);
    int down = (int) Math.ceil(PER_OCTAVE * Math.log((double) anchor / smallest) / Math.log(2));
    int[] sizes = new int[Math.max(down, 0) + PER_OCTAVE * OCTAVES_UP + 1];
    int count = 0;
    for (int i = 0; i < sizes.length; i++) {
      double exact = anchor * Math.pow(2, (double) (i - Math.max(down, 0)) / PER_OCTAVE);
      int size = RowGeometry.roundUp((int) Math.round(exact), geometry.alignment());
      size = Math.max(size, smallest);
      if (size <= limit && (count == 0 || size > sizes[count - 1])) {
        sizes[count++] = size;
      }
    }
    if (count == 0) {
      sizes[count++] = smallest;
    }
    return new Buckets(Arrays.copyOf(sizes, count));
  }

  /** The largest size: rows of several clips are not longer. */
  int largest() {
    return sizes[sizes.length - 1];
  }

  /** All sizes, ascending. */
  int[] sizes() {
    return sizes.clone();
  }

  /**
   * Columns of the row in which {@code columns} run: the next size, or themselves beyond the
   * largest.
   */
  int fitting(int columns) {
    int at = Arrays.binarySearch(sizes, columns);
    int index = at >= 0 ? at : -at - 1;
    return index < sizes.length ? sizes[index] : columns;
  }

  /** Clips of the row in which {@code clips} run: the next power of two. */
  static int clips(int clips) {
    return clips <= 1 ? 1 : Integer.highestOneBit(clips - 1) << 1;
  }
}
