package io.voiceprint.audio;

import java.nio.FloatBuffer;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Converts between sample rates with a {@link PolyphaseFilter}: flat to 93 % of the lower Nyquist
 * frequency, at least 80 dB down from there on, without delay. Sums are double, samples float.
 *
 * <p>Immutable and thread-safe. The filters of the last few ratios are kept.
 */
public final class Resampler {
  /** Lowest rate on either side, in Hz. */
  public static final int MIN_RATE = ReadContext.MIN_RATE;

  /** Highest rate on either side, in Hz. */
  public static final int MAX_RATE = ReadContext.MAX_RATE;

  private static final int CACHED_FILTERS = 16;

  /** Output samples that are computed from one window of the input, as floats. */
  private static final int BLOCK = 8192;

  private static final Map<Long, PolyphaseFilter> CACHE =
      new LinkedHashMap<>(CACHED_FILTERS, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, PolyphaseFilter> eldest) {
          return size() > CACHED_FILTERS;
        }
      };

  private final int fromRate;
  private final int toRate;
  private final PolyphaseFilter filter;

  private Resampler(int fromRate, int toRate, PolyphaseFilter filter) {
    this.fromRate = fromRate;
    this.toRate = toRate;
    this.filter = filter;
  }

  /**
   * A resampler between two rates in Hz.
   *
   * @throws IllegalArgumentException if a rate is outside {@link #MIN_RATE} to {@link #MAX_RATE}
   */
  public static Resampler of(int fromRate, int toRate) {
    if (Math.min(fromRate, toRate) < MIN_RATE || Math.max(fromRate, toRate) > MAX_RATE) {
      throw new IllegalArgumentException(
          "cannot resample from %d Hz to %d Hz: both must be %d to %d Hz"
              .formatted(fromRate, toRate, MIN_RATE, MAX_RATE));
    }
    int divisor = greatestCommonDivisor(fromRate, toRate);
    int up = toRate / divisor;
    int down = fromRate / divisor;
    synchronized (CACHE) {
      PolyphaseFilter filter =
          CACHE.computeIfAbsent((long) up << 32 | down, ratio -> PolyphaseFilter.design(up, down));
      return new Resampler(fromRate, toRate, filter);
    }
  }

  /** The filter, so that another device can run the same one; shared. */
  public PolyphaseFilter filter() {
    return filter;
  }

  /** Samples that {@code samples} input samples become: ceil(samples · toRate / fromRate). */
  public long outputLength(long samples) {
    return (samples * filter.up() + filter.down() - 1) / filter.down();
  }

  /**
   * The audio at the other rate; the same object if both rates are equal. Output sample n stands at
   * n / toRate seconds, the time of input sample n · fromRate / toRate.
   *
   * @throws IllegalArgumentException if the audio is not at this resampler's rate, or too long for
   *     an array afterwards
   */
  public PcmAudio resample(PcmAudio audio) {
    if (audio.sampleRate() != fromRate) {
      throw new IllegalArgumentException(
          "audio is at %d Hz, the resampler expects %d Hz".formatted(audio.sampleRate(), fromRate));
    }
    if (fromRate == toRate) {
      return audio;
    }
    SampleArray input = audio.array();
    long length = outputLength(input.length());
    if (length > Integer.MAX_VALUE - 16) {
      throw new IllegalArgumentException(
          "%d samples at %d Hz are %d at %d Hz, too many for one array; split the audio"
              .formatted(input.length(), fromRate, length, toRate));
    }
    float[] output = new float[(int) length];
    for (int from = 0; from < output.length; from += BLOCK) {
      resample(input, output, from, Math.min(from + BLOCK, output.length));
    }
    return new PcmAudio(output, toRate);
  }

  /** Fills {@code output} from one index to another. */
  private void resample(SampleArray input, float[] output, int from, int to) {
    int half = filter.taps() / 2;
    int first = Math.max(0, inputTime(from) - half + 1);
    int last = (int) Math.min(input.length(), inputTime(to - 1) + half + 1L);
    float[] window = new float[last - first];
    input.copyTo(first, window.length, FloatBuffer.wrap(window), 0);
    int whole = filter.down() / filter.up();
    int fraction = filter.down() % filter.up();
    int base = inputTime(from) - first;
    int remainder = (int) ((long) from * filter.down() % filter.up());
    for (int n = from; n < to; n++) {
      output[n] = at(window, base, remainder);
      base += whole;
      remainder += fraction;
      if (remainder >= filter.up()) {
        remainder -= filter.up();
        base++;
      }
    }
  }

  /** Index of the last input sample that is not behind an output sample. */
  private int inputTime(int output) {
    return (int) ((long) output * filter.down() / filter.up());
  }

  /** The signal at time base + remainder / L of a window, which holds all that it reaches. */
  private float at(float[] input, int base, int remainder) {
    long scaled = (long) remainder * filter.phases();
    int row = (int) (scaled / filter.up());
    float between = (float) (scaled % filter.up()) / filter.up();
    float[] table = filter.table();
    int taps = filter.taps();
    int first = base - taps / 2 + 1;
    int from = Math.max(0, -first);
    int to = (int) Math.min(taps, (long) input.length - first);
    int low = row * taps;
    double sum = 0;
    if (between == 0) {
      for (int k = from; k < to; k++) {
        sum += (double) table[low + k] * input[first + k];
      }
    } else {
      int high = low + taps;
      for (int k = from; k < to; k++) {
        float tap = table[low + k] + between * (table[high + k] - table[low + k]);
        sum += (double) tap * input[first + k];
      }
    }
    return (float) sum;
  }

  private static int greatestCommonDivisor(int a, int b) {
    return b == 0 ? a : greatestCommonDivisor(b, a % b);
  }
}
