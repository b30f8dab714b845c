package io.voiceprint.audio;

/**
 * How loud samples are, found in one pass and in memory that does not grow with them.
 *
 * @param peak largest magnitude
 * @param fullScale how many samples have at least the magnitude asked for
 * @param loudest those blocks that last as long as was asked for
 */
record Levels(float peak, long fullScale, LoudestBlocks loudest) {
  /**
   * @param samples at least one
   * @param fullScaleFrom magnitude from which a sample counts as at full scale
   * @param loudest has no blocks yet
   */
  static Levels of(SampleArray samples, float fullScaleFrom, LoudestBlocks loudest) {
    int block = loudest.blockSamples();
    int length = samples.length();
    float peak = 0;
    long fullScale = 0;
    for (long from = 0; from < length; from += block) {
      int first = (int) from;
      int count = Math.min(block, length - first);
      float blockPeak = samples.peak(first, count);
      if (blockPeak >= fullScaleFrom) {
        fullScale += atLeast(fullScaleFrom, samples, first, count);
      }
      peak = Math.max(peak, blockPeak);
      loudest.add(samples.energy(first, count) / count, count);
    }
    return new Levels(peak, fullScale, loudest);
  }

  private static int atLeast(float magnitude, SampleArray samples, int from, int count) {
    int found = 0;
    for (int i = from; i < from + count; i++) {
      if (Math.abs(samples.at(i)) >= magnitude) {
        found++;
      }
    }
    return found;
  }
}
