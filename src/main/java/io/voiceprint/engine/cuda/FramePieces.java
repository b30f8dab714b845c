package io.voiceprint.engine.cuda;

import io.voiceprint.cuda.CufftPlan;
import io.voiceprint.engine.EngineException;
import java.util.ArrayList;
import java.util.List;

/**
 * How cuFFT transforms the frames of a row of any number of columns: in pieces that have equally
 * many in every row. Another number of transforms may get another kernel, which rounds otherwise,
 * and a frame's spectrum may not depend on its company; a plan for each number would also hold
 * tables on the device for every length of utterance that ever came. What fills up the last piece
 * is transformed too, and nobody reads it.
 *
 * @param columns of the row, at least 1
 * @param length samples of one transform, a power of two
 */
record FramePieces(int columns, int length) {
  /** Few, since the shortest utterance takes a whole piece. */
  private static final int MAX_FRAMES = 64;

  /** Of a piece, where frames are very long. */
  private static final int MAX_SAMPLES = 1 << 19;

  /**
   * What a transform may take of scratch memory, in complex numbers per sample: the worst case that
   * NVIDIA's documentation of cuFFT names. Powers of two take at most one.
   */
  private static final int WORK_PER_SAMPLE = 8;

  private static final int COMPLEX_BYTES = 2 * Float.BYTES;

  /** Columns of a piece. */
  private int piece() {
    return Math.max(1, Math.min(MAX_FRAMES, MAX_SAMPLES / length));
  }

  /** Columns of all pieces, those behind the row included. */
  int filled() {
    return RowGeometry.roundUp(columns, piece());
  }

  /** Most bytes of scratch memory that the library is given. */
  long workBytes() {
    return (long) piece() * length * WORK_PER_SAMPLE * COMPLEX_BYTES;
  }

  /**
   * The transforms, one launch for each piece.
   *
   * @param frames address of ({@link #filled}, length) floats
   * @param spectra address of ({@link #filled}, length / 2 + 1) complex floats
   * @param work address of {@link #workBytes()}
   * @throws EngineException if the library wants more scratch memory
   */
  List<Launch> launches(RowLibraries libraries, long frames, long spectra, long work) {
    int piece = piece();
    CufftPlan plan = libraries.transform(length, piece);
    if (plan.workBytes() > workBytes()) {
      throw new EngineException(
          "%s wants %d bytes of scratch memory, expected at most %d; use another version of cuFFT"
              .formatted(plan.name(), plan.workBytes(), workBytes()));
    }
    libraries.beforeCapture(() -> plan.takeWork(work));
    long frameBytes = (long) length * Float.BYTES;
    long spectrumBytes = (length / 2L + 1) * COMPLEX_BYTES;
    List<Launch> launches = new ArrayList<>();
    for (int column = 0; column < columns; column += piece) {
      long first = column;
      launches.add(
          stream -> plan.run(frames + first * frameBytes, spectra + first * spectrumBytes, work));
    }
    return launches;
  }
}
