package io.voiceprint.engine.cuda;

/** What a row is computed from. */
enum Source {
  SAMPLES,
  /** Features whose mean over time is already subtracted. */
  FEATURES
}
