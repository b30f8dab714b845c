package io.voiceprint.engine.cuda;

import java.util.BitSet;
import java.util.stream.IntStream;

/**
 * Where the channels of a value lie in memory. Kernels move octets of channels, so a value that is
 * cut into parts (by a slice or a concatenation) has each part start at a multiple of 8, and what
 * is behind a part up to the next multiple of 8 is zero. Two parts of 26 channels lie at 0 and 32
 * of 64.
 */
final class ChannelLayout {
  /** Channels that kernels move at once. */
  static final int OCTET = 8;

  private final int[] bounds;
  private final int[] starts;

  private ChannelLayout(int[] bounds, int[] starts) {
    this.bounds = bounds;
    this.starts = starts;
  }

  /**
   * @param channels number of channels
   * @param cuts channels at which a part begins, each within the channels
   */
  static ChannelLayout of(int channels, BitSet cuts) {
    int[] bounds =
        IntStream.concat(
                cuts.stream().filter(cut -> cut > 0 && cut < channels), IntStream.of(0, channels))
            .sorted()
            .toArray();
    int[] starts = new int[bounds.length];
    for (int part = 1; part < bounds.length; part++) {
      starts[part] = starts[part - 1] + RowGeometry.roundUp(bounds[part] - bounds[part - 1], OCTET);
    }
    return new ChannelLayout(bounds, starts);
  }

  /** One part. */
  static ChannelLayout of(int channels) {
    return of(channels, new BitSet());
  }

  /** Channels of the value. */
  int channels() {
    return bounds[bounds.length - 1];
  }

  /** Channels it takes in memory, padding included: a multiple of 8. */
  int width() {
    return starts[starts.length - 1];
  }

  /** Where channel {@code c} lies; {@code c} may be {@link #channels()} if that is a cut. */
  int at(int c) {
    int part = 0;
    while (part + 1 < bounds.length && bounds[part + 1] <= c) {
      part++;
    }
    return starts[part] + c - bounds[part];
  }

  /** Whether there is no padding but at the end. */
  boolean isContiguous() {
    return at(channels() - 1) == channels() - 1;
  }
}
