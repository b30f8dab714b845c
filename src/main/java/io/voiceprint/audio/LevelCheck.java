package io.voiceprint.audio;

import io.voiceprint.audio.AudioWarning.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Looks at decoded samples for what makes a voiceprint of them doubtful. */
final class LevelCheck {
  /** Peak, in dB relative to full scale, below which audio counts as silent. */
  static final int SILENCE_DBFS = -60;

  /** Seconds of speech below which an embedding is unreliable. */
  static final double SHORT_SPEECH_SECONDS = 1.0;

  /** Share of the loudest block's power from which a block counts as speech: 35 dB below it. */
  private static final double SPEECH_SHARE = Math.pow(10, -3.5);

  private static final double BLOCK_SECONDS = 0.02;

  /** Just below 1 - 2^-11, so that the largest code of every integer PCM from 12 bits counts. */
  private static final float FULL_SCALE = 0.9995f;

  private static final double CLIPPED_SHARE = 0.001;

  private LevelCheck() {}

  /** The result of reading, with the warnings of the format reader first. */
  static DecodedAudio decoded(
      MonoSink sink, SampleArray samples, Source source, List<AudioWarning> formatWarnings) {
    List<AudioWarning> warnings = new ArrayList<>(formatWarnings);
    check(samples, source.sampleRate(), sink.outOfRange(), warnings);
    return new DecodedAudio(
        new PcmAudio(samples, source.sampleRate()),
        source.channels(),
        source.sampleRate(),
        source.encoding(),
        warnings);
  }

  /** Adds what makes the samples doubtful; nothing if there are none. */
  static void check(
      SampleArray samples, int sampleRate, long outOfRange, List<AudioWarning> warnings) {
    if (samples.length() == 0) {
      return;
    }
    int block = Math.max(1, (int) (BLOCK_SECONDS * sampleRate));
    int enough = (int) Math.ceil(SHORT_SPEECH_SECONDS * sampleRate);
    Levels levels = Levels.of(samples, FULL_SCALE, new LoudestBlocks(block, enough));
    float peak = levels.peak();
    if (peak < Math.pow(10, SILENCE_DBFS / 20.0)) {
      String level = peak == 0 ? "digital silence" : format("peak %.0f dBFS", decibels(peak));
      warnings.add(
          new AudioWarning(Kind.SILENCE, format("silent: %s, below %d dBFS", level, SILENCE_DBFS)));
      return;
    }
    long clipped = levels.fullScale();
    if (clipped > CLIPPED_SHARE * samples.length()) {
      String message =
          format(
              "clipped: %.2f %% of the samples at full scale", 100.0 * clipped / samples.length());
      if (outOfRange > 0) {
        message += format(" (%d beyond it were clipped on reading)", outOfRange);
      }
      warnings.add(new AudioWarning(Kind.CLIPPING, message));
    }
    double speech = (double) levels.loudest().samplesFrom(SPEECH_SHARE) / sampleRate;
    if (speech < SHORT_SPEECH_SECONDS) {
      warnings.add(
          new AudioWarning(
              Kind.SHORT_SPEECH,
              format("short: %.2f s of speech, less than %.1f s", speech, SHORT_SPEECH_SECONDS)));
    }
  }

  private static double decibels(double amplitude) {
    return 20 * Math.log10(amplitude);
  }

  @SuppressWarnings("AnnotateFormatMethod") // The annotation would cost a dependency.
  private static String format(String format, Object... arguments) {
    return String.format(Locale.ROOT, format, arguments);
  }
}
