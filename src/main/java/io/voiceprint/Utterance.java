package io.voiceprint;

import io.voiceprint.audio.AudioWarning;
import io.voiceprint.audio.PcmAudio;
import java.util.List;
import java.util.Objects;

/**
 * Audio to embed.
 *
 * @param name what to call it in messages
 * @param audio mono; not copied, must not change until its embedding is there
 * @param warnings what is doubtful about it; the embedding carries them
 */
public record Utterance(String name, PcmAudio audio, List<AudioWarning> warnings) {
  /** Refuses {@code null}. */
  public Utterance {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(audio, "audio");
    warnings = List.copyOf(warnings);
  }

  /** With what is doubtful about the samples as its warnings. */
  public static Utterance of(String name, PcmAudio audio) {
    return new Utterance(name, audio, AudioWarning.of(audio));
  }
}
