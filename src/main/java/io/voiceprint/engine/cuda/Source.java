package io.voiceprint.engine.cuda;

/** What is uploaded for a row. */
enum Source {
  /** Features of each frame. */
  FEATURES(0),
  /** Samples at the front end's rate. */
  SAMPLES(0),
  /** Samples at the clips' own rates, none above the front end's, to be resampled on the device. */
  LOWER_RATES(1),
  /** As {@link #LOWER_RATES}, with rates up to {@link RateFilters#MAX_FACTOR} times as high. */
  HIGHER_RATES(RateFilters.MAX_FACTOR);

  private final int rateFactor;

  Source(int rateFactor) {
    this.rateFactor = rateFactor;
  }

  /** Most samples that are uploaded for a sample of the wave; 0 if nothing is resampled. */
  int rateFactor() {
    return rateFactor;
  }

  boolean resamples() {
    return rateFactor > 0;
  }
}
