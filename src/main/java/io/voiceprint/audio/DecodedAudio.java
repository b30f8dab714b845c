package io.voiceprint.audio;

import java.util.List;

/**
 * What {@link AudioReader} made of a file.
 *
 * @param audio one channel; at the source's rate as read, at another after {@link #resampled}
 * @param channels channels of the source
 * @param sourceSampleRate of the source, in Hz
 * @param encoding of the source, such as {@code "PCM_S16"} or {@code "FLAC"}
 * @param warnings what makes the audio doubtful; empty if nothing does
 */
public record DecodedAudio(
    PcmAudio audio,
    int channels,
    int sourceSampleRate,
    String encoding,
    List<AudioWarning> warnings) {
  public DecodedAudio {
    warnings = List.copyOf(warnings);
  }

  /** The same with the audio at {@code sampleRate} Hz; see {@link Resampler}. */
  public DecodedAudio resampled(int sampleRate) {
    PcmAudio resampled = Resampler.of(audio.sampleRate(), sampleRate).resample(audio);
    return new DecodedAudio(resampled, channels, sourceSampleRate, encoding, warnings);
  }
}
