package io.voiceprint.jmh;

import java.util.SplittableRandom;

/** Samples that no part of a front end can take a short cut through; the same each time. */
final class Noise {
  private static final long SEED = 1;

  private Noise() {}

  static float[] of(double seconds, int sampleRate) {
    SplittableRandom random = new SplittableRandom(SEED);
    float[] samples = new float[(int) Math.round(seconds * sampleRate)];
    for (int i = 0; i < samples.length; i++) {
      samples[i] = (float) random.nextDouble(-0.3, 0.3);
    }
    return samples;
  }
}
