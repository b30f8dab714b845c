package io.voiceprint.audio;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SampleBufferTest {
  private static final int LIMIT = 200_000;

  /** Samples of 16 bits, up to full scale. */
  private static float[] noise(int samples, Random random) {
    float[] values = new float[samples];
    for (int i = 0; i < samples; i++) {
      values[i] = (short) random.nextInt() / 32768f;
    }
    return values;
  }

  /** Adds all samples, one by one or in blocks of any size, as integers where they are. */
  private static SampleBuffer filled(float[] samples, int limit, Random random) {
    SampleBuffer buffer = new SampleBuffer(limit);
    if (random.nextBoolean()) {
      buffer.expect(random.nextInt(2 * samples.length + 1));
    }
    int at = 0;
    while (at < samples.length) {
      int count = Math.min(samples.length - at, random.nextInt(3000));
      float[] block = Arrays.copyOfRange(samples, at, at + count + 5);
      short[] integers = integers(block);
      if (integers.length > 0 && random.nextBoolean()) {
        buffer.add(integers, count);
      } else if (random.nextBoolean()) {
        buffer.add(block, count);
      } else {
        for (int i = 0; i < count; i++) {
          buffer.add(samples[at + i]);
        }
      }
      at += count;
    }
    assertEquals(samples.length, buffer.length());
    return buffer;
  }

  /** The integers that these amplitudes are, none if one of them is not. */
  private static short[] integers(float[] amplitudes) {
    short[] integers = new short[amplitudes.length];
    for (int i = 0; i < integers.length; i++) {
      integers[i] = (short) (amplitudes[i] * 32768f);
      if (Float.floatToRawIntBits(integers[i] / 32768f) != Float.floatToRawIntBits(amplitudes[i])) {
        return new short[0];
      }
    }
    return integers;
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 15_999, 16_000, 16_001, 24_000, 100_000})
  void samplesOfSixteenBitsStayIntegers(int count) {
    Random random = new Random(count);
    float[] samples = noise(count, random);
    for (int limit : new int[] {LIMIT, count}) {
      SampleArray held = filled(samples, limit, random).samples(0, count);
      assertInstanceOf(SampleArray.Int16.class, held);
      assertArrayEquals(samples, held.toFloats());
    }
  }

  /** None of these is a 16-bit integer divided by 2^15. */
  @ParameterizedTest
  @ValueSource(floats = {1, -0f, 0x1p-16f, 0.1f, -0.99999f, Float.MIN_VALUE})
  void fromTheFirstThatIsFinerAllAreFloats(float finer) {
    Random random = new Random(4);
    for (int at : new int[] {0, 1, 15_999, 16_000, 20_000, 59_999}) {
      float[] samples = noise(60_000, random);
      samples[at] = finer;
      for (int limit : new int[] {LIMIT, samples.length}) {
        SampleBuffer buffer = filled(samples, limit, random);
        SampleArray held = buffer.samples(0, samples.length);
        assertInstanceOf(SampleArray.Floats.class, held);
        assertArrayEquals(samples, held.toFloats());
        assertArrayEquals(
            Arrays.copyOfRange(samples, 100, 40_000), buffer.samples(100, 40_000).toFloats());
      }
    }
  }

  @Test
  void aPartIsCopied() {
    float[] samples = {0.5f, 0.25f, -1};
    SampleBuffer buffer = filled(samples, LIMIT, new Random(5));
    SampleArray part = buffer.samples(1, 3);
    buffer.add(0.75f);
    assertArrayEquals(new float[] {0.25f, -1}, part.toFloats());
    assertEquals(0, buffer.samples(2, 2).length());
  }

  /** Bytes allocated for {@code count} samples, of which {@code promised} were announced. */
  private static long allocated(int count, long promised) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    short[] block = new short[1000];
    long before = threads.getCurrentThreadAllocatedBytes();
    SampleBuffer buffer = new SampleBuffer(Integer.MAX_VALUE);
    buffer.expect(promised);
    for (int at = 0; at < count; at += block.length) {
      buffer.add(block, block.length);
    }
    return threads.getCurrentThreadAllocatedBytes() - before;
  }

  @Test
  void whatWasPromisedIsNotCopiedAsItGrows() {
    assertTrue(allocated(500_000, 500_000) < 1_010_000);
  }

  @Test
  void aPromiseAloneTakesLittleMemory() {
    assertTrue(allocated(1000, Long.MAX_VALUE) < 4_000_000);
  }
}
