package io.voiceprint.engine.cuda;

import java.util.List;

/** The work of one node with its weights prepared, for rows of any size. */
interface Operator {

  /** Bytes of scratch memory that {@link #plan} needs for a row. */
  default long scratchBytes(RowSize row) {
    return 0;
  }

  /** Bytes of the sums over each clip that {@link #plan} wants to find zero; 0 for none. */
  default long clipSumBytes(RowSize row) {
    return 0;
  }

  /** Adds the launches for one row, in order. */
  void plan(RowPlan row, List<Launch> launches);
}
