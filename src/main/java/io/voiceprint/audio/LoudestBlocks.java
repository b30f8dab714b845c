package io.voiceprint.audio;

/**
 * The loudest blocks of some audio, as many as last a given time. Whether there is so much that is
 * nearly as loud as the loudest, these can tell, and how much there is if it is less; what is
 * quieter need not be kept, however long the audio is.
 */
final class LoudestBlocks {
  private final int blockSamples;
  private final double[] power; // mean squares of whole blocks, falling
  private int blocks;
  private int shortSamples;
  private double shortPower;

  /**
   * @param blockSamples samples of a block, at least 1
   * @param samples that they last together, at least 1
   */
  LoudestBlocks(int blockSamples, int samples) {
    this.blockSamples = blockSamples;
    this.power = new double[(int) Math.ceil((double) samples / blockSamples)];
  }

  int blockSamples() {
    return blockSamples;
  }

  /**
   * @param meanSquare of a block
   * @param samples of it; only the last block may have fewer than the others
   */
  void add(double meanSquare, int samples) {
    if (samples < blockSamples) {
      shortSamples = samples;
      shortPower = meanSquare;
      return;
    }
    if (blocks == power.length && meanSquare <= power[blocks - 1]) {
      return;
    }
    int at = blocks < power.length ? blocks++ : blocks - 1;
    for (; at > 0 && power[at - 1] < meanSquare; at--) {
      power[at] = power[at - 1];
    }
    power[at] = meanSquare;
  }

  /**
   * Samples in blocks whose power is at least a share of the loudest block's: their number if that
   * is less than was asked for, else at least as many as were.
   */
  long samplesFrom(double share) {
    double threshold = share * Math.max(power[0], shortPower);
    long samples = shortPower >= threshold ? shortSamples : 0;
    for (int i = 0; i < blocks; i++) {
      if (power[i] >= threshold) {
        samples += blockSamples;
      }
    }
    return samples;
  }
}
