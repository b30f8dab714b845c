package io.voiceprint.engine.cuda;

import io.voiceprint.engine.Rows;

/** How utterances share the packed rows of a device. */
record PackedRows(RowGeometry geometry, RowLimits limits) implements Rows {
  @Override
  public int maxUtterances() {
    return limits.maxClips();
  }

  @Override
  public int maxColumns() {
    return limits.buckets().largest();
  }

  @Override
  public int columns(int frames) {
    return geometry.footprint(frames);
  }

  @Override
  public int computed(int columns) {
    return limits.buckets().fitting(columns);
  }
}
