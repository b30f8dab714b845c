package io.voiceprint.audio;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;

/**
 * Reads audio files into one channel of float samples in [-1, 1]. The content decides what a file
 * is, not its name.
 *
 * <ul>
 *   <li>WAV: PCM of 8, 16, 24 and 32 bits, float of 32 and 64, mu-law and A-law, plain, extensible
 *       or RF64.
 *   <li>FLAC: 4 to 32 bits.
 *   <li>MP3: MPEG-1, 2 and 2.5, layer III; needs {@code org.jcodec:jcodec} on the class path.
 *   <li>Ogg Vorbis; needs {@code org.jcraft:jorbis} on the class path.
 * </ul>
 *
 * <p>Sample rates from 8000 to 192000 Hz and 1 to 64 channels are accepted. Integers are divided by
 * 2^(bits - 1); samples finer than 24 bits are rounded to 24; floats beyond [-1, 1] are clipped and
 * counted; NaN and infinities are an error. A file that breaks off after some samples is read as
 * far as it goes, with a warning; a file without samples gives an empty {@link PcmAudio}. Memory
 * grows with the samples that are really there, never with what a header claims.
 *
 * <p>Immutable and thread-safe.
 */
public final class AudioReader {
  private static final Duration DEFAULT_MAX_DURATION = Duration.ofHours(24);

  private final ReadContext context;

  /** Takes the first channel and at most 24 hours. */
  public AudioReader() {
    this(ChannelChoice.FIRST, DEFAULT_MAX_DURATION);
  }

  /**
   * @param channel how several channels become one
   * @param maxDuration longest audio that is read; longer is an error. 2^31 - 17 samples are the
   *     limit in any case, 37 hours at 16 kHz. A few bytes of a lossless file can stand for
   *     thousands of samples, so whoever reads files of strangers should set what they expect.
   */
  public AudioReader(ChannelChoice channel, Duration maxDuration) {
    Objects.requireNonNull(channel, "channel");
    if (maxDuration.isNegative() || maxDuration.isZero()) {
      throw new IllegalArgumentException("maxDuration=" + maxDuration + " must be positive");
    }
    this.context = new ReadContext(channel, maxDuration);
  }

  /**
   * Reads a file.
   *
   * @throws AudioException if the content cannot be used; the message names the file
   * @throws IOException if the file cannot be read
   */
  public DecodedAudio read(Path file) throws IOException {
    try (InputStream stream = Files.newInputStream(file)) {
      return read(stream, file.toString());
    }
  }

  /**
   * Reads a stream, as far as the audio goes and up to 32 KiB beyond. The caller keeps the stream
   * and closes it.
   *
   * @param name what to call the stream in messages
   * @throws AudioException if the content cannot be used
   * @throws IOException if the stream fails
   */
  public DecodedAudio read(InputStream stream, String name) throws IOException {
    ByteInput in = new ByteInput(stream, name);
    return AudioFormat.detect(in).read(in, context);
  }
}
