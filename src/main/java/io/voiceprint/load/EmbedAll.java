package io.voiceprint.load;

import io.voiceprint.EmbeddingResult;
import io.voiceprint.SpeakerEncoder;
import io.voiceprint.audio.PcmAudio;
import java.time.Duration;
import java.util.List;

/**
 * What the library does without a server: the same clips, again and again, by {@link
 * SpeakerEncoder#embedAll}.
 *
 * @param clips embedded
 * @param audioSeconds of these
 * @param seconds that it took
 */
public record EmbedAll(long clips, double audioSeconds, double seconds) {

  /**
   * Measures. A round under way is finished.
   *
   * @param warmUp to repeat for before that; one round at least
   * @param duration to repeat for; one round at least
   * @throws io.voiceprint.VoiceprintException if a clip has no embedding
   */
  public static EmbedAll measure(
      SpeakerEncoder encoder, List<LoadClip> clips, Duration warmUp, Duration duration) {
    List<PcmAudio> round = clips.stream().map(LoadClip::audio).toList();
    var unused = embed(encoder, round, warmUp.toNanos());
    return embed(encoder, round, duration.toNanos());
  }

  private static EmbedAll embed(SpeakerEncoder encoder, List<PcmAudio> round, long nanos) {
    long begin = System.nanoTime();
    int rounds = 0;
    long elapsed;
    do {
      encoder.embedAll(round).forEach(EmbeddingResult::orElseThrow);
      rounds++;
      elapsed = System.nanoTime() - begin;
    } while (elapsed < nanos);
    double audioSeconds = rounds * round.stream().mapToDouble(PcmAudio::seconds).sum();
    return new EmbedAll((long) rounds * round.size(), audioSeconds, elapsed * 1e-9);
  }

  /** Of wall-clock time. */
  public double clipsPerSecond() {
    return clips / seconds;
  }
}
