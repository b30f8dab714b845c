package io.voiceprint.engine.cuda;

import java.nio.IntBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/** A packed row of clips with the tables that kernels read, and a few empty columns at its end. */
record TestRow(PackedRow row, int columns) {
  private static final RowGeometry GEOMETRY = new RowGeometry(8, 8);

  static TestRow of(List<Integer> frames, int emptyColumns) {
    PackedRow row = PackedRow.of(GEOMETRY, frames, 0, frames.size(), n -> n);
    return new TestRow(row, row.columns() + emptyColumns);
  }

  /** Two to four clips of 1 to 40 frames. */
  static TestRow ragged(Random random) {
    List<Integer> frames =
        Stream.generate(() -> 1 + random.nextInt(40)).limit(2 + random.nextInt(3)).toList();
    return of(frames, 8 * random.nextInt(2));
  }

  /** A clip's own row. */
  TestRow single(int clip) {
    return of(List.of(row.frames(clip)), 0);
  }

  int columns(int timeStride) {
    return columns / timeStride;
  }

  int[] columnClips(int timeStride) {
    IntBuffer table = IntBuffer.allocate(columns(timeStride));
    row.putColumnClips(timeStride, table, columns(timeStride));
    return table.array();
  }

  /** Frames of 400 samples, 160 apart; the clips' samples lie one behind the other. */
  int[] clipTable() {
    int[] table = new int[4 * row.clips()];
    int sample = 0;
    for (int clip = 0; clip < row.clips(); clip++) {
      int samples = samples(clip);
      System.arraycopy(
          new int[] {sample, samples, row.firstColumn(clip), row.frames(clip)},
          0,
          table,
          4 * clip,
          4);
      sample += samples;
    }
    return table;
  }

  int samples(int clip) {
    return 400 + 160 * (row.frames(clip) - 1) + 13;
  }

  int first(int clip, int timeStride) {
    return row.firstColumn(clip) / timeStride;
  }

  int count(int clip, int timeStride) {
    return (row.frames(clip) + timeStride - 1) / timeStride;
  }

  /**
   * Random values (rows, columns, channels), zero where no clip is and from channel {@code real}
   * on.
   */
  float[] activations(
      Random random, int rows, int channels, int real, int timeStride, float low, float high) {
    int[] owner = columnClips(timeStride);
    float[] values = floats(random, rows * owner.length * channels, low, high);
    for (int i = 0; i < values.length; i++) {
      if (owner[i / channels % owner.length] == PackedRow.GAP || i % channels >= real) {
        values[i] = 0;
      }
    }
    return values;
  }

  /** The same values, zero in the columns that belong to no clip. */
  static double[] masked(double[] values, int[] owner, int channels) {
    double[] masked = values.clone();
    for (int i = 0; i < masked.length; i++) {
      if (owner[i / channels % owner.length] == PackedRow.GAP) {
        masked[i] = 0;
      }
    }
    return masked;
  }

  /** The values of one clip, laid out as if it were alone. */
  float[] alone(float[] values, int clip, TestRow single, int rows, int channels, int timeStride) {
    float[] result = new float[rows * single.columns(timeStride) * channels];
    for (int f = 0; f < rows; f++) {
      System.arraycopy(
          values,
          (f * columns(timeStride) + first(clip, timeStride)) * channels,
          result,
          f * single.columns(timeStride) * channels,
          count(clip, timeStride) * channels);
    }
    return result;
  }

  static float[] floats(Random random, int count, float low, float high) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = low + (high - low) * random.nextFloat();
    }
    return values;
  }

  static int oneOf(Random random, int... values) {
    return values[random.nextInt(values.length)];
  }

  @Override
  public String toString() {
    return "row of " + columns + " columns, clips at " + Arrays.toString(clipTable());
  }
}
