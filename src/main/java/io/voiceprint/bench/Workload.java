package io.voiceprint.bench;

import io.voiceprint.audio.PcmAudio;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * What one call embeds: clips in host memory.
 *
 * @param name such as {@code "8 x 3 s"}
 * @param clips mono, at the network's rate
 */
public record Workload(String name, List<PcmAudio> clips) {
  /** Clips of the mixed corpus, and the range of their lengths. */
  private static final int MIXED_CLIPS = 64;

  private static final double MIXED_SHORTEST = 1;
  private static final double MIXED_LONGEST = 10;
  private static final long SEED = 1;

  /** Copies. */
  public Workload {
    clips = List.copyOf(clips);
  }

  /**
   * Clips of one length.
   *
   * @param batch how many
   */
  public static Workload of(int batch, double seconds, int sampleRate) {
    SplittableRandom random = new SplittableRandom(SEED);
    List<PcmAudio> clips = new ArrayList<>();
    for (int i = 0; i < batch; i++) {
      clips.add(clip(seconds, sampleRate, random));
    }
    return new Workload(String.format(Locale.ROOT, "%d x %s s", batch, number(seconds)), clips);
  }

  /** Clips of all lengths from 1 to 10 s, in no order, the same each time. */
  public static Workload mixed(int sampleRate) {
    SplittableRandom random = new SplittableRandom(SEED);
    List<PcmAudio> clips = new ArrayList<>();
    for (int i = 0; i < MIXED_CLIPS; i++) {
      clips.add(clip(random.nextDouble(MIXED_SHORTEST, MIXED_LONGEST), sampleRate, random));
    }
    return new Workload(
        "%d of %s to %s s".formatted(MIXED_CLIPS, number(MIXED_SHORTEST), number(MIXED_LONGEST)),
        clips);
  }

  /**
   * A buzz of changing pitch in noise: no mel bin lies at the floor, and no two clips are alike.
   */
  private static PcmAudio clip(double seconds, int sampleRate, SplittableRandom random) {
    float[] samples = new float[Math.toIntExact(Math.round(seconds * sampleRate))];
    double pitch = random.nextDouble(80, 250);
    double sway = random.nextDouble(1, 4);
    double phase = 0;
    for (int i = 0; i < samples.length; i++) {
      double t = i / (double) sampleRate;
      phase += pitch * (1 + 0.1 * Math.sin(2 * Math.PI * sway * t)) / sampleRate;
      double buzz = 2 * (phase - Math.floor(phase)) - 1;
      samples[i] = (float) (0.2 * buzz + random.nextDouble(-0.02, 0.02));
    }
    return new PcmAudio(samples, sampleRate);
  }

  /** Clips of one call. */
  public int batch() {
    return clips.size();
  }

  /** Seconds of audio of one call. */
  public double seconds() {
    return clips.stream().mapToDouble(PcmAudio::seconds).sum();
  }

  private static String number(double value) {
    return value == Math.rint(value) ? String.valueOf((long) value) : String.valueOf(value);
  }
}
