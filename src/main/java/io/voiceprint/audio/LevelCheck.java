package io.voiceprint.audio;

import io.voiceprint.audio.AudioWarning.Kind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Looks at decoded samples for what makes a voiceprint of them doubtful. */
final class LevelCheck {
  /** Peak, in dB relative to full scale, below which audio counts as silent. */
  static final int SILENCE_DBFS = -60;

  /** Seconds of speech below which an embedding is unreliable. */
  static final double SHORT_SPEECH_SECONDS = 1.0;

  /** Level, in dB below the loudest block, above which a block counts as speech. */
  private static final double SPEECH_RANGE_DB = 35;

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
    Levels levels = Levels.of(samples, block, FULL_SCALE);
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
    double speech = (double) inSpeech(levels.power(), block, samples.length()) / sampleRate;
    if (speech < SHORT_SPEECH_SECONDS) {
      warnings.add(
          new AudioWarning(
              Kind.SHORT_SPEECH,
              format("short: %.2f s of speech, less than %.1f s", speech, SHORT_SPEECH_SECONDS)));
    }
  }

  /** Samples in blocks whose power is within 35 dB of the loudest block's. */
  private static long inSpeech(double[] power, int block, int samples) {
    double loudest = Arrays.stream(power).max().orElseThrow();
    double threshold = loudest * Math.pow(10, -SPEECH_RANGE_DB / 10);
    long inSpeech = 0;
    for (int b = 0; b < power.length; b++) {
      if (power[b] >= threshold) {
        inSpeech += Math.min(block, samples - b * block);
      }
    }
    return inSpeech;
  }

  private static double decibels(double amplitude) {
    return 20 * Math.log10(amplitude);
  }

  @SuppressWarnings("AnnotateFormatMethod") // The annotation would cost a dependency.
  private static String format(String format, Object... arguments) {
    return String.format(Locale.ROOT, format, arguments);
  }
}
