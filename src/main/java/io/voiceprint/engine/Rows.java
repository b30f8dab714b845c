package io.voiceprint.engine;

/**
 * How an engine lays utterances into the rows that it computes in one pass. Lengths are columns of
 * the finest feature map: one per frame, and what is added to keep utterances apart.
 */
public interface Rows {
  /** Any number of utterances, nothing between them. */
  Rows UNBOUNDED = new Rows() {};

  /** One utterance after the other, so that nothing is gained by letting one wait for others. */
  Rows SINGLE =
      new Rows() {
        @Override
        public int maxUtterances() {
          return 1;
        }
      };

  /** Most utterances of one row. */
  default int maxUtterances() {
    return Integer.MAX_VALUE;
  }

  /** Most columns that utterances may share; a longer utterance has a row of its own. */
  default int maxColumns() {
    return Integer.MAX_VALUE;
  }

  /** Columns that an utterance of {@code frames} frames takes in a row, its gap included. */
  default int columns(int frames) {
    return frames;
  }

  /** Columns that are computed for a row whose utterances take {@code columns}. */
  default int computed(int columns) {
    return columns;
  }
}
