package io.voiceprint.engine.cuda;

import java.util.List;

/** One way to compute a convolution layer, its weights prepared. */
interface ConvImplementation {

  /** Bytes of scratch memory that a row needs. */
  default long scratchBytes(RowSize row) {
    return 0;
  }

  /**
   * Adds the launches for one row.
   *
   * @param scratch address of the scratch memory
   */
  void plan(ConvCall call, RowPlan row, long scratch, List<Launch> launches);
}
