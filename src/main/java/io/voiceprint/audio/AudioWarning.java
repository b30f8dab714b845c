package io.voiceprint.audio;

import java.util.ArrayList;
import java.util.List;

/**
 * Something about readable audio that makes an embedding of it doubtful.
 *
 * @param kind what, for programs
 * @param message what and how much, for people; one line, without the file's name
 */
public record AudioWarning(Kind kind, String message) {

  /**
   * What makes samples doubtful that come from no file: silence, clipping, too little speech.
   *
   * @return empty if nothing does, or if there are no samples
   */
  public static List<AudioWarning> of(PcmAudio audio) {
    List<AudioWarning> warnings = new ArrayList<>();
    LevelCheck.check(audio.array(), audio.sampleRate(), 0, warnings);
    return warnings;
  }

  /** The kinds of warning. */
  public enum Kind {
    /** The loudest sample is below {@value LevelCheck#SILENCE_DBFS} dBFS. */
    SILENCE,
    /** More than one sample in a thousand is at full scale or was beyond it. */
    CLIPPING,
    /**
     * Less than {@value LevelCheck#SHORT_SPEECH_SECONDS} seconds are louder than the background.
     */
    SHORT_SPEECH,
    /** The file ends before its header says it does; what is there was read. */
    TRUNCATED,
    /** The header does not say where the samples end; they were read to the end of the input. */
    UNKNOWN_LENGTH,
    /** Bytes between audio frames were skipped, or frames may be decoded with noise. */
    DAMAGED
  }
}
