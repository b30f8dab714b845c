package io.voiceprint.audio;

/**
 * Collects interleaved samples, keeps or mixes the channels, clips to [-1, 1] as sox does, and
 * refuses what is not a number. What it keeps is a {@link SampleBuffer}.
 */
final class MonoSink {
  private final String name;
  private final int channels;
  private final ChannelChoice choice;
  private final int maxFrames;
  private final SampleBuffer samples;
  private int channel;
  private double sum;
  private long outOfRange;

  /**
   * @param name of the input, for messages
   * @param channels at least 1
   * @param maxFrames samples per channel above which the input is refused
   */
  MonoSink(String name, int channels, ChannelChoice choice, int maxFrames) {
    this.name = name;
    this.channels = channels;
    this.choice = choice;
    this.maxFrames = maxFrames;
    this.samples = new SampleBuffer(maxFrames);
  }

  /** Says how many frames the header promises, before the first is added. */
  void expect(long frames) {
    samples.expect(frames);
  }

  /** The next samples of whole frames, channel by channel within a frame. */
  void add(float[] block, int count) throws AudioException {
    if (channels == 1 && count <= maxFrames - frames() && isInRange(block, count)) {
      samples.add(block, count);
      return;
    }
    for (int i = 0; i < count; i++) {
      add(block[i]);
    }
  }

  /** The same of 16-bit integers. */
  void add(short[] block, int count) throws AudioException {
    if (channels == 1 && count <= maxFrames - frames()) {
      samples.add(block, count);
      return;
    }
    for (int i = 0; i < count; i++) {
      add(block[i] / SampleArray.INT16_SCALE);
    }
  }

  private static boolean isInRange(float[] block, int count) {
    boolean inRange = true;
    for (int i = 0; i < count; i++) {
      inRange &= Math.abs(block[i]) <= 1f;
    }
    return inRange;
  }

  /** The next sample, channel by channel within a frame. */
  void add(float sample) throws AudioException {
    float clipped = sample;
    if (!(Math.abs(sample) <= 1f)) {
      if (!Float.isFinite(sample)) {
        throw new AudioException(
            "%s: sample %d of channel %d is %s; samples must be finite"
                .formatted(name, frames(), channel, sample));
      }
      outOfRange++;
      clipped = Math.copySign(1f, sample);
    }
    if (choice == ChannelChoice.MIX) {
      sum += clipped;
    } else if (channel == 0) {
      sum = clipped;
    }
    if (++channel == channels) {
      append((float) (choice == ChannelChoice.MIX ? sum / channels : sum));
      channel = 0;
      sum = 0;
    }
  }

  private void append(float sample) throws AudioException {
    if (frames() == maxFrames) {
      throw new TooLongException(name, maxFrames);
    }
    samples.add(sample);
  }

  /** Complete frames so far. */
  int frames() {
    return samples.length();
  }

  /** Forgets the frames behind the first {@code frames}, which are there. */
  void cut(int frames) {
    samples.cut(frames);
  }

  /** Samples beyond [-1, 1], of all channels. */
  long outOfRange() {
    return outOfRange;
  }

  /** Frames {@code from} (inclusive) to {@code to} (exclusive), both clamped to what is there. */
  SampleArray samples(long from, long to) {
    int last = (int) Math.min(to, frames());
    int first = (int) Math.min(from, last);
    return samples.samples(first, last);
  }

  SampleArray samples() {
    return samples.samples(0, frames());
  }
}
