package io.voiceprint.engine.cuda;

import java.nio.IntBuffer;
import java.util.List;
import java.util.function.ToIntFunction;

/**
 * A set of clips that lie one behind the other in one row: the batch of this engine.
 *
 * <pre>
 * column   0        T0    8·ceil(T0/8)+8         …
 *          | clip 0 | zero | clip 1      | zero | … | zero up to the row's columns |
 * </pre>
 */
final class PackedRow {
  /** What a column table says of a column that belongs to no clip. */
  static final int GAP = -1;

  private final int[] frames;
  private final int[] firstColumns;
  private final int columns;

  private PackedRow(int[] frames, int[] firstColumns, int columns) {
    this.frames = frames;
    this.firstColumns = firstColumns;
    this.columns = columns;
  }

  /**
   * Lays out utterances {@code from} to {@code to} of a list in order.
   *
   * @param frames of an utterance, at least 1
   */
  static <U> PackedRow of(
      RowGeometry geometry, List<U> utterances, int from, int to, ToIntFunction<U> frames) {
    int[] lengths = new int[to - from];
    int[] firstColumns = new int[to - from];
    int column = 0;
    for (int clip = 0; clip < lengths.length; clip++) {
      lengths[clip] = frames.applyAsInt(utterances.get(from + clip));
      firstColumns[clip] = column;
      column = Math.addExact(column, geometry.footprint(lengths[clip]));
    }
    return new PackedRow(lengths, firstColumns, column);
  }

  /**
   * How many utterances from {@code from} on share a row of at most {@code maxColumns} columns: at
   * least one, be it longer than that.
   */
  static <U> int fitting(
      RowGeometry geometry,
      List<U> utterances,
      int from,
      int maxColumns,
      int maxClips,
      ToIntFunction<U> frames) {
    int to = from + 1;
    long columns = geometry.footprint(frames.applyAsInt(utterances.get(from)));
    while (to < utterances.size() && to - from < maxClips) {
      columns += geometry.footprint(frames.applyAsInt(utterances.get(to)));
      if (columns > maxColumns) {
        break;
      }
      to++;
    }
    return to - from;
  }

  int clips() {
    return frames.length;
  }

  int frames(int clip) {
    return frames[clip];
  }

  /** First column of a clip at the finest level. */
  int firstColumn(int clip) {
    return firstColumns[clip];
  }

  /** Columns at the finest level that the clips and their gaps take. */
  int columns() {
    return columns;
  }

  /**
   * Writes the column table of one level: for each column the clip it belongs to, or {@link #GAP}.
   *
   * @param timeStride of the level, a divisor of the alignment
   * @param target receives {@code levelColumns} entries from its position on
   * @param levelColumns columns of the row at this level, at least those of the clips
   */
  void putColumnClips(int timeStride, IntBuffer target, int levelColumns) {
    int column = 0;
    for (int clip = 0; clip < frames.length; clip++) {
      int begin = firstColumns[clip] / timeStride;
      int end = begin + (frames[clip] + timeStride - 1) / timeStride;
      column = put(target, GAP, column, begin);
      column = put(target, clip, column, end);
    }
    put(target, GAP, column, levelColumns);
  }

  private static int put(IntBuffer target, int value, int from, int to) {
    for (int column = from; column < to; column++) {
      target.put(value);
    }
    return Math.max(from, to);
  }
}
