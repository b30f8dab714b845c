package io.voiceprint.audio;

import java.nio.FloatBuffer;
import java.util.Arrays;

/**
 * Collects samples: in 16 bits as long as these hold all of them exactly, as those of most files,
 * and as floats from the first on that they do not hold. It grows with what is really there.
 */
final class SampleBuffer {
  private static final int INITIAL_CAPACITY = 16_000;

  /** Most samples that a header's word alone makes room for: a minute at 16 kHz, 4 MiB at most. */
  private static final int MAX_PROMISED = 1 << 20;

  private final int limit;
  private int initialCapacity = INITIAL_CAPACITY;
  private short[] integers = new short[0];

  /** Takes over from the integers, which are dropped then. */
  private float[] floats;

  private int length;

  /**
   * @param limit most samples that will be added
   */
  SampleBuffer(int limit) {
    this.limit = limit;
  }

  int length() {
    return length;
  }

  /**
   * Says how many samples will probably be added, before the first: so they are not copied from
   * array to array as more and more come. Fewer or more may come.
   */
  void expect(long samples) {
    initialCapacity = (int) Math.max(1, Math.min(samples, MAX_PROMISED));
  }

  /** Forgets the samples behind the first {@code count}, which are there. */
  void cut(int count) {
    length = count;
  }

  /** Adds a sample in [-1, 1]. */
  void add(float sample) {
    if (floats == null && addInteger(sample)) {
      return;
    }
    requireFloats(1);
    floats[length++] = sample;
  }

  /** Adds the first {@code count} samples, all in [-1, 1]. */
  void add(float[] block, int count) {
    int done = 0;
    while (floats == null && done < count && addInteger(block[done])) {
      done++;
    }
    if (done < count) {
      requireFloats(count - done);
      System.arraycopy(block, done, floats, length, count - done);
      length += count - done;
    }
  }

  /** Adds the first {@code count} integers. */
  void add(short[] block, int count) {
    if (floats == null) {
      if (count > integers.length - length) {
        integers = Arrays.copyOf(integers, capacityFor(count));
      }
      System.arraycopy(block, 0, integers, length, count);
    } else {
      requireFloats(count);
      new SampleArray.Int16(block).copyTo(0, count, FloatBuffer.wrap(floats), length);
    }
    length += count;
  }

  /** Adds a sample that is a 16-bit integer; else {@code false}. */
  private boolean addInteger(float sample) {
    float scaled = sample * SampleArray.INT16_SCALE;
    short integer = (short) scaled;
    // The bits, since -0 is no integer.
    if (Float.floatToRawIntBits(integer) != Float.floatToRawIntBits(scaled)) {
      return false;
    }
    if (length == integers.length) {
      integers = Arrays.copyOf(integers, capacityFor(1));
    }
    integers[length++] = integer;
    return true;
  }

  /** Changes to floats if that was not done yet, with room for so many more. */
  private void requireFloats(int more) {
    if (floats == null) {
      floats = new float[capacityFor(more)];
      new SampleArray.Int16(integers).copyTo(0, length, FloatBuffer.wrap(floats), 0);
      integers = null;
    } else if (length + more > floats.length) {
      floats = Arrays.copyOf(floats, capacityFor(more));
    }
  }

  private int capacityFor(int more) {
    long wanted = Math.max(initialCapacity, Math.max(length + (long) more, length * 3L / 2));
    return (int) Math.min(wanted, limit);
  }

  /** Samples {@code from} (inclusive) to {@code to} (exclusive), copied. */
  SampleArray samples(int from, int to) {
    return floats == null
        ? new SampleArray.Int16(Arrays.copyOfRange(integers, from, to))
        : new SampleArray.Floats(Arrays.copyOfRange(floats, from, to));
  }
}
