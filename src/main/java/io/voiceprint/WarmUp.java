package io.voiceprint;

import io.voiceprint.engine.Engine;
import io.voiceprint.engine.EngineException;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** Prepares engines for utterances of lengths to expect. */
final class WarmUp {
  private static final long SEED = 1;
  private static final double LOUDEST = 0.1;

  private final List<Engine> engines;
  private final EncoderLimits limits;

  WarmUp(List<Engine> engines, EncoderLimits limits) {
    this.engines = engines;
    this.limits = limits;
  }

  /**
   * Prepares each engine.
   *
   * @param seconds lengths, moved into the limits
   * @return noise of each length, at the network's rate: what was prepared is ready once it has
   *     been computed
   * @throws UnusableDeviceException if a device fails
   */
  List<float[]> prepare(double... seconds) {
    int[] lengths = Arrays.stream(seconds).mapToInt(this::samples).toArray();
    int[] frames = Arrays.stream(lengths).map(engines.get(0).frontEnd()::frames).toArray();
    try {
      engines.forEach(engine -> engine.warmUp(frames));
    } catch (EngineException e) {
      throw new UnusableDeviceException("warming up: " + e.getMessage(), e);
    }
    SplittableRandom random = new SplittableRandom(SEED);
    return Arrays.stream(lengths).mapToObj(length -> noise(length, random)).toList();
  }

  private int samples(double seconds) {
    long wanted = Math.round(seconds * limits.sampleRate());
    return (int) Math.max(limits.minSamples(), Math.min(wanted, limits.maxSamples()));
  }

  private static float[] noise(int length, SplittableRandom random) {
    float[] noise = new float[length];
    for (int i = 0; i < noise.length; i++) {
      noise[i] = (float) random.nextDouble(-LOUDEST, LOUDEST);
    }
    return noise;
  }
}
