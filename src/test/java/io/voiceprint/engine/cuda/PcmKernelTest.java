package io.voiceprint.engine.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.voiceprint.audio.PcmAudio;
import io.voiceprint.audio.Resampler;
import io.voiceprint.audio.SampleArray;
import io.voiceprint.cuda.MathMode;
import io.voiceprint.engine.cuda.PcmKernel.Rate;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
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

  /** Fills in full-scale noise of 16 bits. */
  private void add(int samples, int rate) {
    clips.add(new PcmAudio(noise(samples), rate));
  }

  private short[] noise(int samples) {
    short[] values = new short[samples];
    for (int i = 0; i < samples; i++) {
      values[i] = (short) random.nextInt();
    }
    return values;
  }

  private static KernelBench.Array shorts(KernelBench bench, short[] values) {
    ByteBuffer bytes =
        ByteBuffer.allocateDirect(Short.BYTES * values.length).order(ByteOrder.nativeOrder());
    bytes.asShortBuffer().put(values);
    return bench.bytes(bytes);
  }

  private float[] resampled() {
    return resampled(false);
  }

  /** The clips' waves one behind the other, computed in one launch with places to spare. */
  private float[] resampled(boolean int16) {
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
        rates.of(clip.sampleRate()).putClip(table, raw, clip.length(), wave, count);
        raw += clip.length();
        wave += count;
      }
      while (table.hasRemaining()) {
        rates.of(TARGET_HZ).putClip(table, raw, 0, wave, 0);
      }
      float[] floats = new float[raw];
      short[] integers = new short[raw];
      int at = 0;
      for (PcmAudio clip : clips) {
        clip.array().copyTo(0, clip.length(), FloatBuffer.wrap(floats), at);
        short[] values = ((SampleArray.Int16) clip.array()).values();
        System.arraycopy(values, 0, integers, at, values.length);
        at += clip.length();
      }
      KernelBench.Array target = bench.floats(wave);
      bench.run(
          bench
              .kernels()
              .pcm
              .resample(
                  int16,
                  bench.ints(table.array()).address(),
                  places,
                  wave + 1000,
                  (int16 ? shorts(bench, integers) : bench.floats(floats)).address(),
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

  /** Rates and ragged lengths at random; from empty clips to such as end within a warp's share. */
  @Test
  void sixteenBitSamplesGiveTheBitsOfFloats() {
    for (int round = 0; round < 8; round++) {
      clips.clear();
      for (int i = 1 + random.nextInt(6); i > 0; i--) {
        add(random.nextInt(1200), RATES_HZ[random.nextInt(RATES_HZ.length)]);
      }
      float[] expected = resampled(false);
      assertArrayEquals(expected, resampled(true), clips.toString());
    }
  }

  @Test
  void wideningDividesByFullScale() {
    try (KernelBench bench = KernelBench.open(MathMode.FP32)) {
      for (int octets : new int[] {1, 3, 31, 32, 33, 127, 1021}) {
        short[] values = noise(octets * PcmKernel.OCTET);
        values[0] = Short.MIN_VALUE;
        values[values.length - 1] = Short.MAX_VALUE;
        float[] expected = new float[values.length];
        for (int i = 0; i < values.length; i++) {
          expected[i] = values[i] / 32768f;
        }
        KernelBench.Array target = bench.floats(values.length);
        bench.run(
            bench.kernels().pcm.widen(shorts(bench, values).address(), target.address(), octets));
        assertArrayEquals(expected, target.read(), octets + " octets");
      }
    }
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
