package io.voiceprint.audio;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.OptionalInt;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SampleArrayTest {
  private static short[] noise(int samples, double amplitude, Random random) {
    short[] values = new short[samples];
    for (int i = 0; i < samples; i++) {
      values[i] = (short) (amplitude * random.nextGaussian());
    }
    return values;
  }

  private static float[] amplitudes(short[] values) {
    float[] amplitudes = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      amplitudes[i] = (float) (values[i] / 32768.0);
    }
    return amplitudes;
  }

  @Test
  void everyIntegerHasItsAmplitude() {
    short[] all = new short[1 << 16];
    for (int i = 0; i < all.length; i++) {
      all[i] = (short) i;
    }
    float[] expected = amplitudes(all);
    SampleArray samples = new SampleArray.Int16(all);
    assertArrayEquals(expected, samples.toFloats());
    assertNotSame(samples.toFloats(), samples.toFloats());
    for (int i = 0; i < all.length; i++) {
      assertEquals(expected[i], samples.at(i));
    }
    assertEquals(OptionalInt.empty(), samples.firstBeyond(1));
  }

  @Test
  void bothFormsCopyTheSameAndNoMore() {
    short[] values = noise(100, 5000, new Random(1));
    SampleArray integers = new SampleArray.Int16(values);
    SampleArray floats = new SampleArray.Floats(amplitudes(values));
    for (SampleArray samples : new SampleArray[] {integers, floats}) {
      float[] target = new float[50];
      FloatBuffer buffer = FloatBuffer.wrap(target);
      samples.copyTo(30, 40, buffer, 5);
      float[] expected = new float[50];
      System.arraycopy(floats.toFloats(), 30, expected, 5, 40);
      assertArrayEquals(expected, target);
      assertEquals(0, buffer.position());
      assertEquals(100, samples.length());
    }
  }

  @Test
  void bothFormsAreAsLoud() {
    short[] values = noise(100, 5000, new Random(4));
    values[20] = Short.MIN_VALUE;
    SampleArray integers = new SampleArray.Int16(values);
    SampleArray floats = new SampleArray.Floats(amplitudes(values));
    assertEquals(1, floats.peak(20, 1));
    for (int from : new int[] {0, 20, 21, 99}) {
      float peak = 0;
      double energy = 0;
      for (int i = from; i < 100; i++) {
        peak = Math.max(peak, Math.abs(floats.at(i)));
        energy += floats.at(i) * floats.at(i);
      }
      assertEquals(peak, floats.peak(from, 100 - from));
      assertEquals(peak, integers.peak(from, 100 - from));
      assertEquals(energy, floats.energy(from, 100 - from));
      assertEquals(energy, integers.energy(from, 100 - from));
    }
  }

  @Test
  void floatsAreSharedAndSearchedForWhatIsNotFinite() {
    float[] values = {0, 1, -1, Float.NaN, Float.POSITIVE_INFINITY};
    assertSame(values, new PcmAudio(values, 8000).samples());
    assertEquals(OptionalInt.of(3), new SampleArray.Floats(values).firstBeyond(Float.MAX_VALUE));
    float[] infinite = {0, Float.NEGATIVE_INFINITY};
    assertEquals(OptionalInt.of(1), new SampleArray.Floats(infinite).firstBeyond(Float.MAX_VALUE));
    assertEquals(
        OptionalInt.empty(),
        new SampleArray.Floats(Arrays.copyOf(values, 3)).firstBeyond(Float.MAX_VALUE));
  }

  @Test
  void bothFormsAreAsDoubtful() {
    Random random = new Random(2);
    for (double amplitude : new double[] {0, 3, 30, 3000, 30_000}) {
      for (int samples : new int[] {1, 5000, 40_000}) {
        short[] values = noise(samples, amplitude, random);
        assertEquals(
            AudioWarning.of(new PcmAudio(amplitudes(values), 16_000)),
            AudioWarning.of(new PcmAudio(values, 16_000)));
      }
    }
  }

  /** Rates and lengths at random, of several windows of the resampler among them. */
  @Test
  void bothFormsAreResampledToTheSameBits() {
    Random random = new Random(3);
    for (int round = 0; round < 12; round++) {
      int from = random.nextInt(8000, 192_001);
      short[] values = noise(random.nextInt(40_000), 9000, random);
      Resampler resampler = Resampler.of(from, 16_000);
      assertArrayEquals(
          resampler.resample(new PcmAudio(amplitudes(values), from)).samples(),
          resampler.resample(new PcmAudio(values, from)).samples(),
          from + " Hz");
    }
  }
}
