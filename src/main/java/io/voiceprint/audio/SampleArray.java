package io.voiceprint.audio;

import java.nio.FloatBuffer;
import java.util.OptionalInt;

/**
 * The samples of one channel: floats, or 16-bit integers, which take half the memory. The integer x
 * is the amplitude x / 2^15. That is a float without rounding, so whatever is computed from either
 * has the same bits.
 *
 * <p>An array is shared with whoever made it, not copied; nobody may change it while it is in use.
 */
public sealed interface SampleArray {
  /** What a 16-bit sample is divided by. */
  float INT16_SCALE = 0x1p15f;

  /** How many there are. */
  int length();

  /** Memory that they take, in bytes. */
  long bytes();

  /** The amplitude of one, nominally in [-1, 1]. */
  float at(int index);

  /**
   * Copies amplitudes.
   *
   * @param from index of the first
   * @param count how many
   * @param target receives them from its element {@code at} on; its position stays
   */
  void copyTo(int from, int count, FloatBuffer target, int at);

  /** All amplitudes: the array itself where it holds floats, else a new one. */
  float[] toFloats();

  /**
   * Index of the first that is NaN or whose magnitude is above a bound, if one is.
   *
   * @param magnitude the bound, 1 at least
   */
  OptionalInt firstBeyond(float magnitude);

  /** Largest magnitude of {@code count} amplitudes, the first of them at {@code from}. */
  float peak(int from, int count);

  /** Sum of the squares of {@code count} amplitudes, the first of them at {@code from}. */
  double energy(int from, int count);

  /**
   * Floats.
   *
   * @param values amplitudes; shared
   */
  record Floats(float[] values) implements SampleArray {
    @Override
    public int length() {
      return values.length;
    }

    @Override
    public long bytes() {
      return (long) Float.BYTES * values.length;
    }

    @Override
    public float at(int index) {
      return values[index];
    }

    @Override
    public void copyTo(int from, int count, FloatBuffer target, int at) {
      target.put(at, values, from, count);
    }

    @Override
    public float[] toFloats() {
      return values;
    }

    @Override
    public OptionalInt firstBeyond(float magnitude) {
      for (int i = 0; i < values.length; i++) {
        if (!(Math.abs(values[i]) <= magnitude)) {
          return OptionalInt.of(i);
        }
      }
      return OptionalInt.empty();
    }

    @Override
    public float peak(int from, int count) {
      float peak = 0;
      for (int i = from; i < from + count; i++) {
        peak = Math.max(peak, Math.abs(values[i]));
      }
      return peak;
    }

    @Override
    public double energy(int from, int count) {
      double sum = 0;
      for (int i = from; i < from + count; i++) {
        sum += values[i] * values[i];
      }
      return sum;
    }
  }

  /**
   * 16-bit integers, as microphones and most files have them.
   *
   * @param values amplitudes times 2^15; shared
   */
  record Int16(short[] values) implements SampleArray {
    @Override
    public int length() {
      return values.length;
    }

    @Override
    public long bytes() {
      return (long) Short.BYTES * values.length;
    }

    @Override
    public float at(int index) {
      return values[index] / INT16_SCALE;
    }

    @Override
    public void copyTo(int from, int count, FloatBuffer target, int at) {
      for (int i = 0; i < count; i++) {
        target.put(at + i, values[from + i] / INT16_SCALE);
      }
    }

    // Of its own, since a buffer checks each index.
    @Override
    public float[] toFloats() {
      float[] floats = new float[values.length];
      for (int i = 0; i < floats.length; i++) {
        floats[i] = values[i] / INT16_SCALE;
      }
      return floats;
    }

    @Override
    public OptionalInt firstBeyond(float magnitude) {
      return OptionalInt.empty();
    }

    @Override
    public float peak(int from, int count) {
      int peak = 0;
      for (int i = from; i < from + count; i++) {
        peak = Math.max(peak, Math.abs(values[i]));
      }
      return peak / INT16_SCALE;
    }

    @Override
    public double energy(int from, int count) {
      double sum = 0;
      for (int i = from; i < from + count; i++) {
        float amplitude = values[i] / INT16_SCALE;
        sum += amplitude * amplitude;
      }
      return sum;
    }
  }
}
