package io.voiceprint.audio;

import java.nio.FloatBuffer;

/**
 * How loud samples are, found in one pass.
 *
 * @param peak largest magnitude
 * @param fullScale how many samples have at least the magnitude asked for
 * @param power mean square of each block, the last of which may be shorter
 */
record Levels(float peak, long fullScale, double[] power) {
  /**
   * @param samples at least one
   * @param block samples of a block
   * @param fullScaleFrom magnitude from which a sample counts as at full scale
   */
  static Levels of(SampleArray samples, int block, float fullScaleFrom) {
    int length = samples.length();
    double[] power = new double[(int) ((length + block - 1L) / block)];
    float[] values = new float[block];
    FloatBuffer view = FloatBuffer.wrap(values);
    float peak = 0;
    long fullScale = 0;
    for (int b = 0; b < power.length; b++) {
      int count = Math.min(block, length - b * block);
      samples.copyTo(b * block, count, view, 0);
      float loudest = loudest(values, count);
      if (loudest >= fullScaleFrom) {
        fullScale += atLeast(fullScaleFrom, values, count);
      }
      peak = Math.max(peak, loudest);
      power[b] = sumOfSquares(values, count) / count;
    }
    return new Levels(peak, fullScale, power);
  }

  private static float loudest(float[] values, int count) {
    float loudest = 0;
    for (int i = 0; i < count; i++) {
      loudest = Math.max(loudest, Math.abs(values[i]));
    }
    return loudest;
  }

  private static int atLeast(float magnitude, float[] values, int count) {
    int found = 0;
    for (int i = 0; i < count; i++) {
      if (Math.abs(values[i]) >= magnitude) {
        found++;
      }
    }
    return found;
  }

  private static double sumOfSquares(float[] values, int count) {
    double sum = 0;
    for (int i = 0; i < count; i++) {
      sum += values[i] * values[i];
    }
    return sum;
  }
}
