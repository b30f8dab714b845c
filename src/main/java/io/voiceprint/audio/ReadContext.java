package io.voiceprint.audio;

import java.time.Duration;

/**
 * What the caller of a reader chose, and the limits all formats share.
 *
 * @param channel how channels become one
 * @param maxDuration longest audio that is read
 */
record ReadContext(ChannelChoice channel, Duration maxDuration) {
  static final int MIN_RATE = 8_000;
  static final int MAX_RATE = 192_000;
  static final int MAX_CHANNELS = 64;

  /** Most elements of an array on every virtual machine. */
  private static final int MAX_ARRAY = Integer.MAX_VALUE - 16;

  /** More than such an array holds at the lowest rate. */
  private static final Duration LONGEST = Duration.ofDays(4);

  /** A sink for audio of this rate and channel count, or an error if either is out of bounds. */
  MonoSink sink(ByteInput in, long sampleRate, int channels) throws AudioException {
    if (sampleRate < MIN_RATE || sampleRate > MAX_RATE) {
      throw in.error(
          "sample rate is %d Hz; %d to %d Hz can be read", sampleRate, MIN_RATE, MAX_RATE);
    }
    if (channels < 1 || channels > MAX_CHANNELS) {
      throw in.error("%d channels; 1 to %d can be read", channels, MAX_CHANNELS);
    }
    Duration limit = maxDuration.compareTo(LONGEST) < 0 ? maxDuration : LONGEST;
    double frames = Math.ceil(limit.toMillis() / 1000.0 * sampleRate);
    return new MonoSink(in.name(), channels, channel, (int) Math.min(frames, MAX_ARRAY));
  }
}
