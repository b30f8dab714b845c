package io.voiceprint.bench;

import io.voiceprint.audio.PcmAudio;
import io.voiceprint.audio.SampleArray;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Synthetic clips, the same each time. They hold 16-bit samples, as speech in WAV files does: what
 * reading such a file and embedding it hands to an engine.
 */
public final class Clips {
  /** What their samples are, as result files spell it. */
  static final String SAMPLES = "int16";

  private static final long SEED = 1;

  private Clips() {}

  /** Clips of one length; the first ones are the same whatever their number. */
  public static List<PcmAudio> of(int count, double seconds, int sampleRate) {
    SplittableRandom random = new SplittableRandom(SEED);
    List<PcmAudio> clips = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      clips.add(clip(seconds, sampleRate, random));
    }
    return clips;
  }

  /** Clips of many lengths, in no order. */
  static List<PcmAudio> mixed(int count, LengthDistribution lengths, int sampleRate) {
    SplittableRandom random = new SplittableRandom(LengthDistribution.SEED);
    List<PcmAudio> clips = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      clips.add(clip(lengths.next(random), sampleRate, random));
    }
    return clips;
  }

  /**
   * A buzz of changing pitch in noise: no mel bin lies at the floor, and no two clips are alike.
   */
  public static PcmAudio clip(double seconds, int sampleRate, SplittableRandom random) {
    short[] samples = new short[Math.toIntExact(Math.round(seconds * sampleRate))];
    double pitch = random.nextDouble(80, 250);
    double sway = random.nextDouble(1, 4);
    double phase = 0;
    for (int i = 0; i < samples.length; i++) {
      double t = i / (double) sampleRate;
      phase += pitch * (1 + 0.1 * Math.sin(2 * Math.PI * sway * t)) / sampleRate;
      double buzz = 2 * (phase - Math.floor(phase)) - 1;
      double amplitude = 0.2 * buzz + random.nextDouble(-0.02, 0.02);
      samples[i] = (short) Math.round(amplitude * SampleArray.INT16_SCALE);
    }
    return new PcmAudio(samples, sampleRate);
  }

  /** A length without needless digits. */
  static String number(double value) {
    return value == Math.rint(value) ? String.valueOf((long) value) : String.valueOf(value);
  }
}
