package io.voiceprint.engine.cuda;

import io.voiceprint.cuda.CufftPlan;
import io.voiceprint.engine.EngineException;
import java.util.ArrayList;
import java.util.List;

/**
 * How cuFFT transforms the frames of a row of any number of columns, with few plans and bounded
 * scratch memory: in pieces of a power of two of columns, the last of which begins within the one
 * before it and gives those columns' spectra once more. A plan for each number would hold tables on
 * the device for every length of utterance that ever came.
 *
 * @param columns of the row, at least 1
 * @param length samples of one transform, a power of two
 */
record FramePieces(int columns, int length) {
  /** Of a piece; a thousand frames of 25 ms at 16 kHz. */
  private static final int MAX_SAMPLES = 1 << 19;

  /**
   * What a transform may take of scratch memory, in complex numbers per sample: the worst case that
   * NVIDIA's documentation of cuFFT names. Powers of two take at most one.
   */
  private static final int WORK_PER_SAMPLE = 8;

  private static final int COMPLEX_BYTES = 2 * Float.BYTES;

  /** Columns of a piece. */
  int piece() {
    return Math.min(Integer.highestOneBit(columns), Math.max(1, MAX_SAMPLES / length));
  }

  /** Most bytes of scratch memory that the library is given. */
  long workBytes() {
    return (long) piece() * length * WORK_PER_SAMPLE * COMPLEX_BYTES;
  }

  /**
   * The transforms, one launch for each piece.
   *
   * @param frames address of (columns, length) floats
   * @param spectra address of (columns, length / 2 + 1) complex floats
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
    long frameBytes = (long) length * Float.BYTES;
    long spectrumBytes = (length / 2L + 1) * COMPLEX_BYTES;
    List<Launch> launches = new ArrayList<>();
    for (int column = 0; column < columns; column += piece) {
      long first = Math.min(column, columns - piece);
      launches.add(
          stream -> plan.run(frames + first * frameBytes, spectra + first * spectrumBytes, work));
    }
    return launches;
  }
}
