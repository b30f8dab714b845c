package io.voiceprint.engine.reference;

import io.voiceprint.graph.Shape.FeatureMap;

/**
 * The value of one node for one utterance.
 *
 * @param data backing array, possibly shared with other values (a slice of channels is a view)
 * @param offset of the first element
 * @param channels C, or the elements D of a vector
 * @param frequency F, or 1
 * @param time T, or 1
 */
record Activations(float[] data, int offset, int channels, int frequency, int time) {

  /** A new feature map, (C, F, T) in C order. */
  static Activations map(FeatureMap shape, int frames) {
    long elements = shape.elements(frames);
    return new Activations(
        new float[Math.toIntExact(elements)],
        0,
        shape.channels(),
        shape.frequency(),
        shape.time(frames));
  }

  /** A new vector of {@code size} elements. */
  static Activations vector(int size) {
    return new Activations(new float[size], 0, size, 1, 1);
  }

  /** Pixels F·T of one channel. */
  int pixels() {
    return frequency * time;
  }

  int elements() {
    return channels * pixels();
  }

  /** Index of the first element of channel {@code c}. */
  int channel(int c) {
    return offset + c * pixels();
  }

  /** The map as (C·F, 1, T): a view. */
  Activations flattened() {
    return new Activations(data, offset, channels * frequency, 1, time);
  }

  /** Channels {@code from} to {@code from + count}: a view. */
  Activations slice(int from, int count) {
    return new Activations(data, channel(from), count, frequency, time);
  }
}
