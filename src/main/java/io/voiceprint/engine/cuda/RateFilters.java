package io.voiceprint.engine.cuda;

import io.voiceprint.audio.PolyphaseFilter;
import io.voiceprint.audio.Resampler;
import io.voiceprint.engine.cuda.PcmKernel.Rate;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * The {@link PolyphaseFilter}s from the usual sample rates to the front end's, on the device. Audio
 * at any other rate is resampled by the {@link Resampler} before it comes here.
 */
final class RateFilters {
  /** No rate here is more than so many times the front end's. */
  static final int MAX_FACTOR = 3;

  private static final int[] USUAL_HZ = {8000, 16000, 22050, 24000, 32000, 44100, 48000};

  private final Map<Integer, Rate> rates = new HashMap<>();
  private final WeightStore.Slot taps;

  /**
   * @param sampleRate of the front end, in Hz
   */
  RateFilters(int sampleRate, WeightStore weights) {
    // The one tap of clips that keep their rate.
    float[] all = {1};
    rates.put(sampleRate, new Rate(1, 1, 1, 0, 0));
    for (int rate : USUAL_HZ) {
      if (rate == sampleRate || rate > MAX_FACTOR * sampleRate) {
        continue;
      }
      PolyphaseFilter filter = Resampler.of(rate, sampleRate).filter();
      if (filter.phases() != filter.up()) {
        continue; // Its taps lie between the table's rows: not for the kernel.
      }
      int firstTap = all.length;
      int count = filter.up() * filter.taps();
      all = Arrays.copyOf(all, firstTap + count);
      System.arraycopy(filter.table(), 0, all, firstTap, count);
      int left = filter.taps() / 2 - 1;
      rates.put(rate, new Rate(filter.up(), filter.down(), filter.taps(), firstTap, left));
    }
    this.taps = weights.floats(all);
  }

  /** Whether clips at this rate, in Hz, may be uploaded as they are. */
  boolean has(int sampleRate) {
    return rates.containsKey(sampleRate);
  }

  /** How a clip at this rate, one that is here, becomes the front end's. */
  Rate of(int sampleRate) {
    return rates.get(sampleRate);
  }

  /** Device address of the taps of all rates. */
  long taps() {
    return taps.address();
  }
}
