package io.voiceprint.peers.onnxruntime;

import io.voiceprint.frontend.Features;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Seeded noise in the place of features, for trying out. */
final class Noise {
  static final int BINS = 80;

  /** About that of log-mel features of speech. */
  private static final double DEVIATION = 3;

  private Noise() {}

  static List<Features> utterances(int clips, int frames, long seed) {
    Random random = new Random(seed);
    List<Features> utterances = new ArrayList<>();
    for (int clip = 0; clip < clips; clip++) {
      float[] data = new float[frames * BINS];
      for (int i = 0; i < data.length; i++) {
        data[i] = (float) (DEVIATION * random.nextGaussian());
      }
      utterances.add(new Features(frames, BINS, data));
    }
    return utterances;
  }
}
