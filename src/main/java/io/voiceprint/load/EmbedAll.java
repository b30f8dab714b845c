package io.voiceprint.load;

import io.voiceprint.EmbeddingResult;
import io.voiceprint.SpeakerEncoder;
import io.voiceprint.audio.PcmAudio;
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
   * Measures, after a round that does not count.
   *
   * @param seconds to repeat for; the round under way is finished
   * @throws io.voiceprint.VoiceprintException if a clip has no embedding
   */
  public static EmbedAll measure(SpeakerEncoder encoder, List<LoadClip> clips, double seconds) {
    List<PcmAudio> round = clips.stream().map(LoadClip::audio).toList();
    double roundSeconds = round.stream().mapToDouble(PcmAudio::seconds).sum();
    embed(encoder, round);
    long begin = System.nanoTime();
    int rounds = 0;
    double elapsed = 0;
    while (elapsed < seconds) {
      embed(encoder, round);
      rounds++;
      elapsed = (System.nanoTime() - begin) * 1e-9;
    }
    return new EmbedAll((long) rounds * round.size(), rounds * roundSeconds, elapsed);
  }

  private static void embed(SpeakerEncoder encoder, List<PcmAudio> clips) {
    encoder.embedAll(clips).forEach(EmbeddingResult::orElseThrow);
  }

  public double clipsPerSecond() {
    return clips / seconds;
  }
}
