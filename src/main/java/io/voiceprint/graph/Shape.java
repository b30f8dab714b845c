package io.voiceprint.graph;

/** Shape of a value, for one utterance of any length. */
public sealed interface Shape {

  /** Elements of a value of this shape for an utterance of {@code frames} feature frames. */
  long elements(int frames);

  /**
   * A feature map (C, F, T): {@code channels} × {@code frequency} × T, where T = ceil(frames /
   * {@code timeStride}).
   *
   * @param channels number of channels C, at least 1
   * @param frequency extent F along the mel axis, at least 1
   * @param timeStride product of the strides along time of the layers above, at least 1
   */
  record FeatureMap(int channels, int frequency, int timeStride) implements Shape {
    public FeatureMap {
      if (channels < 1 || frequency < 1 || timeStride < 1) {
        throw new IllegalArgumentException(
            "feature map needs positive extents: channels=%d, frequency=%d, timeStride=%d"
                .formatted(channels, frequency, timeStride));
      }
    }

    /** Extent along time for an utterance of {@code frames} feature frames. */
    public int time(int frames) {
      return (frames + timeStride - 1) / timeStride;
    }

    @Override
    public long elements(int frames) {
      return (long) channels * frequency * time(frames);
    }
  }

  /**
   * A vector (D), one per utterance.
   *
   * @param size number of elements D, at least 1
   */
  record Vector(int size) implements Shape {
    public Vector {
      if (size < 1) {
        throw new IllegalArgumentException("vector needs a positive size: size=" + size);
      }
    }

    @Override
    public long elements(int frames) {
      return size;
    }
  }
}
