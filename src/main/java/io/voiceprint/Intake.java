package io.voiceprint;

import io.voiceprint.audio.AudioException;
import io.voiceprint.audio.AudioReader;
import io.voiceprint.audio.ChannelChoice;
import io.voiceprint.audio.DecodedAudio;
import io.voiceprint.audio.PcmAudio;
import io.voiceprint.audio.Resampler;
import io.voiceprint.audio.SampleArray;
import io.voiceprint.audio.TooLongException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalInt;
import java.util.function.IntPredicate;

/** Brings audio to what the engine takes, or says why that cannot be. Immutable. */
final class Intake {
  private static final Duration LONGEST_FILE = Duration.ofHours(24);

  /**
   * Largest sample that a filter bank can square and sum up in floats with much to spare. Who hands
   * in integers as floats, be it of 32 bits, stays within.
   */
  private static final float LOUDEST = 0x1p31f;

  private final EncoderLimits limits;
  private final IntPredicate resampledByEngine;
  private final AudioReader reader;

  /**
   * @param resampledByEngine whether the engine takes audio of a rate, in Hz, other than its own
   * @param channel of a file
   */
  Intake(EncoderLimits limits, IntPredicate resampledByEngine, ChannelChoice channel) {
    this.limits = limits;
    this.resampledByEngine = resampledByEngine;
    this.reader = new AudioReader(channel, longestFile(limits));
  }

  private static Duration longestFile(EncoderLimits limits) {
    // A second more, so that what is just too long is refused with the exact limit.
    Duration longest = Duration.ofSeconds((long) limits.maxSeconds() + 1);
    return longest.compareTo(LONGEST_FILE) < 0 ? longest : LONGEST_FILE;
  }

  /**
   * Decodes a file.
   *
   * @throws UnusableAudioException if it cannot be read
   */
  Utterance read(Path file) {
    if (Files.isDirectory(file)) {
      throw new UnusableAudioException(file + ": is a directory; name an audio file");
    }
    try (InputStream stream = Files.newInputStream(file)) {
      return read(file.toString(), stream);
    } catch (NoSuchFileException e) {
      throw new UnusableAudioException(file + ": no such file", e);
    } catch (AccessDeniedException e) {
      throw new UnusableAudioException(file + ": may not be read (permission denied)", e);
    } catch (IOException e) {
      throw new UnusableAudioException("%s: cannot be read: %s".formatted(file, e), e);
    }
  }

  /**
   * Decodes a stream.
   *
   * @param name what to call it in messages
   * @throws UnusableAudioException if it cannot be read
   */
  Utterance read(String name, InputStream stream) {
    try {
      DecodedAudio decoded = reader.read(stream, name);
      return new Utterance(name, decoded.audio(), decoded.warnings());
    } catch (TooLongException e) {
      String message =
          limits.maxSeconds() < LONGEST_FILE.toSeconds()
              ? tooLong(name, "more than %d s".formatted(longestFile(limits).toSeconds()))
              : "%s: longer than %d h; split it".formatted(name, LONGEST_FILE.toHours());
      throw new UnusableAudioException(message, e);
    } catch (AudioException e) {
      throw new UnusableAudioException(e.getMessage(), e);
    } catch (IOException e) {
      throw new UnusableAudioException("%s: cannot be read: %s".formatted(name, e), e);
    }
  }

  /**
   * Samples that can be computed with, at a rate that the engine takes, as many as it can take.
   *
   * @param name what to call the audio in messages
   * @return the audio itself where it is at such a rate already
   * @throws UnusableAudioException if there are no such samples
   */
  PcmAudio accept(String name, PcmAudio audio) {
    int rate = audio.sampleRate();
    if (rate < limits.minInputRate() || rate > limits.maxInputRate()) {
      throw new UnusableAudioException(
          "%s: sample rate %d Hz is not %d to %d Hz"
              .formatted(name, rate, limits.minInputRate(), limits.maxInputRate()));
    }
    requireLength(name, audio);
    requireComputable(name, audio.array());
    return resampledByEngine.test(rate)
        ? audio
        : Resampler.of(rate, limits.sampleRate()).resample(audio);
  }

  private void requireLength(String name, PcmAudio audio) {
    long resampled = audio.samplesAt(limits.sampleRate());
    if (resampled < limits.minSamples()) {
      throw new UnusableAudioException(
          "%s: too short: %s, but the network needs at least %d samples at %d Hz (%.3f s)"
              .formatted(
                  name,
                  length(audio, resampled),
                  limits.minSamples(),
                  limits.sampleRate(),
                  limits.minSeconds()));
    }
    if (resampled > limits.maxSamples()) {
      throw new UnusableAudioException(tooLong(name, length(audio, resampled)));
    }
  }

  private String tooLong(String name, String length) {
    return "%s: too long: %s, but this device holds at most %d samples at %d Hz (%.1f s); split it"
        .formatted(name, length, limits.maxSamples(), limits.sampleRate(), limits.maxSeconds());
  }

  private String length(PcmAudio audio, long resampled) {
    String own = "%d samples at %d Hz".formatted(audio.length(), audio.sampleRate());
    return audio.sampleRate() == limits.sampleRate()
        ? own
        : "%s, which are %d at %d Hz".formatted(own, resampled, limits.sampleRate());
  }

  private static void requireComputable(String name, SampleArray samples) {
    OptionalInt bad = samples.firstBeyond(LOUDEST);
    if (bad.isPresent()) {
      float sample = samples.at(bad.getAsInt());
      throw new UnusableAudioException(
          Float.isFinite(sample)
              ? "%s: sample %d is %s; samples are amplitudes, nominally from -1 to 1, and must not be beyond 2^31"
                  .formatted(name, bad.getAsInt(), sample)
              : "%s: sample %d is %s; samples must be finite"
                  .formatted(name, bad.getAsInt(), sample));
    }
  }
}
