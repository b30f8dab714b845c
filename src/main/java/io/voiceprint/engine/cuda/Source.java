package io.voiceprint.engine.cuda;

/** What is uploaded for a row. */
enum Source {
  /** Features of each frame. */
  FEATURES(0, Float.BYTES),
  /** Samples at the front end's rate. */
  SAMPLES(0, Float.BYTES),
  /** Samples at the clips' own rates, none above the front end's, to be resampled on the device. */
  LOWER_RATES(1, Float.BYTES),
  /** As {@link #LOWER_RATES}, with rates up to {@link RateFilters#MAX_FACTOR} times as high. */
  HIGHER_RATES(RateFilters.MAX_FACTOR, Float.BYTES),
  /** As {@link #SAMPLES}, 16-bit integers all. */
  SAMPLES_INT16(0, Short.BYTES),
  /** As {@link #LOWER_RATES}, 16-bit integers all. */
  LOWER_RATES_INT16(1, Short.BYTES),
  /** As {@link #HIGHER_RATES}, 16-bit integers all. */
  HIGHER_RATES_INT16(RateFilters.MAX_FACTOR, Short.BYTES);

  private final int rateFactor;
  private final int bytes;

  Source(int rateFactor, int bytes) {
    this.rateFactor = rateFactor;
    this.bytes = bytes;
  }

  /** This of samples, as 16-bit integers. */
  Source int16() {
    return switch (this) {
      case SAMPLES -> SAMPLES_INT16;
      case LOWER_RATES -> LOWER_RATES_INT16;
      case HIGHER_RATES -> HIGHER_RATES_INT16;
      default -> throw new IllegalStateException("no 16-bit form of " + this);
    };
  }

  /** Whether the samples are 16-bit integers. */
  boolean isInt16() {
    return bytes == Short.BYTES;
  }

  /** Bytes of an element that is uploaded. */
  int bytes() {
    return bytes;
  }

  /** Most samples that are uploaded for a sample of the wave; 0 if nothing is resampled. */
  int rateFactor() {
    return rateFactor;
  }

  boolean resamples() {
    return rateFactor > 0;
  }

  /** Whether the network's wave is computed from what is uploaded, rather than being that. */
  boolean computesWave() {
    return resamples() || isInt16();
  }
}
