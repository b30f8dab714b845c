package io.voiceprint.engine.cpu;

import java.util.Arrays;
import java.util.SortedSet;

/**
 * Where the channels of a value lie in memory. Each part that somebody slices off begins at a
 * multiple of the channel block and is padded to one, so that a slice is whole blocks. Padding
 * channels are always zero, because the weights and biases that compute them are.
 *
 * @param position physical position of each channel, ascending
 * @param physical channels with padding
 */
record Channels(int[] position, int physical) {

  /**
   * Channels cut into parts.
   *
   * @param cuts where parts begin; 0 and {@code count} need not be among them
   */
  static Channels of(int count, SortedSet<Integer> cuts, int block) {
    int[] position = new int[count];
    int next = 0;
    for (int c = 0; c < count; c++) {
      if (cuts.contains(c)) {
        next = roundUp(next, block);
      }
      position[c] = next++;
    }
    return new Channels(position, roundUp(next, block));
  }

  /** A single unpadded channel: the features. */
  static Channels single() {
    return new Channels(new int[1], 1);
  }

  int count() {
    return position.length;
  }

  /** Whether there are physical channels that hold nothing. */
  boolean isPadded() {
    return physical != count();
  }

  /** These and then {@code other}. */
  Channels then(Channels other) {
    int[] joined = Arrays.copyOf(position, count() + other.count());
    for (int i = 0; i < other.count(); i++) {
      joined[count() + i] = physical + other.position[i];
    }
    return new Channels(joined, physical + other.physical);
  }

  /**
   * Channels {@code from} to {@code from + count}, relative to the first of them.
   *
   * @throws IllegalArgumentException if they are not whole blocks
   */
  Channels slice(int from, int count, int block) {
    int begin = position[from];
    int end = from + count < count() ? position[from + count] : physical;
    if (begin % block != 0 || end % block != 0) {
      throw new IllegalArgumentException(
          "channels %d to %d lie at %d to %d, which are not whole blocks of %d"
              .formatted(from, from + count, begin, end, block));
    }
    int[] part = new int[count];
    for (int i = 0; i < count; i++) {
      part[i] = position[from + i] - begin;
    }
    return new Channels(part, end - begin);
  }

  boolean sameAs(Channels other) {
    return physical == other.physical && Arrays.equals(position, other.position);
  }

  private static int roundUp(int x, int block) {
    return (x + block - 1) / block * block;
  }
}
