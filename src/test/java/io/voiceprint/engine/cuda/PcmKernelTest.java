package io.voiceprint.engine.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.voiceprint.audio.PcmAudio;
import io.voiceprint.audio.Resampler;
import io.voiceprint.cuda.MathMode;
import io.voiceprint.engine.cuda.PcmKernel.Rate;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The polyphase resampler on the device against the one in {@code audio}, whose filters it has. */
@Tag("gpu")
class PcmKernelTest {
  private static final int TARGET_HZ = 16000;
  private static final int[] RATES_HZ = {8000, 22050, 24000, 16000, 32000, 44100, 48000};
  private static final int[] SAMPLES = {1021, 1, 33, 127, 3, 700, 1600};

  /**
   * Of full scale. The taps of a phase add up to at most 3 in magnitude and 32 lanes share at most
   * 550 of them: 23 roundings of 6e-8 each; the worst seen was 4e-7.
   */
  private static final float BOUND = 1e-6f;

  private final Random random = new Random(7);
  private final List<PcmAudio> clips = new ArrayList<>();

  /** Fills in full-scale noise. */
  private void add(int samples, int rate) {
    float[] values = new float[samples];
    for (int i = 0; i < samples; i++) {
      values[i] = 2 * random.nextFloat() - 1;
    }
    clips.add(new PcmAudio(values, rate));
  }

  /** The clips' waves one behind the other, computed in one launch with places to spare. */
  private float[] resampled() {
    try (KernelBench bench = KernelBench.open(MathMode.FP32)) {
      WeightStore weights = new WeightStore();
      RateFilters rates = new RateFilters(TARGET_HZ, weights);
      weights.upload(bench.context());
      int places = clips.size() + 3;
      IntBuffer table = IntBuffer.allocate(places * PcmKernel.RAW_CLIP_INTS);
      int raw = 0;
      int wave = 0;
      for (PcmAudio clip : clips) {
        int count = (int) clip.samplesAt(TARGET_HZ);
        rates.of(clip.sampleRate()).putClip(table, raw, clip.samples().length, wave, count);
        raw += clip.samples().length;
        wave += count;
      }
      while (table.hasRemaining()) {
        rates.of(TARGET_HZ).putClip(table, raw, 0, wave, 0);
      }
      float[] samples = new float[raw];
      int at = 0;
      for (PcmAudio clip : clips) {
        System.arraycopy(clip.samples(), 0, samples, at, clip.samples().length);
        at += clip.samples().length;
      }
      KernelBench.Array target = bench.floats(wave);
      bench.run(
          bench
              .kernels()
              .pcm
              .resample(
                  bench.ints(table.array()).address(),
                  places,
                  wave + 1000,
                  bench.floats(samples).address(),
                  rates.taps(),
                  target.address()));
      return target.read();
    }
  }

  @Test
  void everyUsualRateIsResampledAsOnTheHost() {
    for (int i = 0; i < RATES_HZ.length; i++) {
      add(SAMPLES[i], RATES_HZ[i]);
    }
    float[] actual = resampled();
    int at = 0;
    float worst = 0;
    for (PcmAudio clip : clips) {
      float[] expected = Resampler.of(clip.sampleRate(), TARGET_HZ).resample(clip).samples();
      assertEquals(expected.length, clip.samplesAt(TARGET_HZ));
      for (float sample : expected) {
        worst = Math.max(worst, Math.abs(sample - actual[at++]));
      }
      if (clip.sampleRate() == TARGET_HZ) {
        assertArrayEquals(
            clip.samples(), Arrays.copyOfRange(actual, at - expected.length, at), "16 kHz");
      }
    }
    assertEquals(actual.length, at);
    float error = worst;
    assertTrue(error <= BOUND, () -> "error " + error);
  }

  @Test
  void aClipsBitsDependOnNothingButTheClip() {
    for (int rate : RATES_HZ) {
      add(300, rate);
    }
    float[] together = resampled();
    List<PcmAudio> all = List.copyOf(clips);
    int at = 0;
    for (PcmAudio clip : all) {
      clips.clear();
      clips.add(clip);
      float[] alone = resampled();
      assertArrayEquals(
          alone, Arrays.copyOfRange(together, at, at + alone.length), clip.sampleRate() + " Hz");
      at += alone.length;
    }
  }

  @Test
  void aRateWithoutExactTapsIsLeftToTheHost() {
    RateFilters rates = new RateFilters(TARGET_HZ, new WeightStore());
    for (int rate : RATES_HZ) {
      assertTrue(rates.has(rate), rate + " Hz");
    }
    assertEquals(new Rate(1, 1, 1, 0, 0), rates.of(TARGET_HZ));
    for (int rate : new int[] {11025, 44101, 96000, 192000}) {
      assertTrue(!rates.has(rate), rate + " Hz");
    }
  }
}
