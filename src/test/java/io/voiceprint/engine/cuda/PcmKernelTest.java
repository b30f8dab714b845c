package io.voiceprint.engine.cuda;

import static io.voiceprint.engine.cuda.KernelBench.assertNear;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import io.voiceprint.cuda.MathMode;
import io.voiceprint.engine.cuda.PcmKernel.Rate;
import io.voiceprint.engine.cuda.PcmKernel.RawClip;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;

class PcmKernelTest {
  private static final int[] SAMPLES = {1, 33, 1021, 127, 3};

  private final Random random = new Random(7);
  private final ByteBuffer raw = ByteBuffer.allocateDirect(1 << 14).order(ByteOrder.nativeOrder());
  private final List<RawClip> clips = new ArrayList<>();
  private final List<float[]> inputs = new ArrayList<>();
  private int waveLength;
  private int longest;

  /** Adds a clip of random samples, 16-bit and float by turns. */
  private void add(int samples, Rate rate) {
    boolean isFloat = clips.size() % 2 == 1;
    raw.position(RowGeometry.roundUp(raw.position(), Float.BYTES));
    int count = (samples * rate.up() + rate.down() - 1) / rate.down();
    clips.add(new RawClip(raw.position(), samples, isFloat, waveLength, count, rate));
    float[] values = new float[samples];
    for (int i = 0; i < samples; i++) {
      short sample = (short) random.nextInt(1 << 16);
      values[i] = sample / 32768f;
      if (isFloat) {
        raw.putFloat(values[i]);
      } else {
        raw.putShort(sample);
      }
    }
    inputs.add(values);
    waveLength += count;
    longest = Math.max(longest, count);
  }

  private ByteBuffer table() {
    ByteBuffer table =
        ByteBuffer.allocateDirect(clips.size() * RawClip.BYTES).order(ByteOrder.nativeOrder());
    clips.forEach(clip -> clip.put(table));
    return table.flip();
  }

  @Test
  void convertsBothFormats() {
    for (int samples : SAMPLES) {
      add(samples, Rate.SAME);
    }
    float[] expected = new float[waveLength];
    for (int i = 0; i < clips.size(); i++) {
      System.arraycopy(inputs.get(i), 0, expected, clips.get(i).first(), clips.get(i).count());
    }
    try (KernelBench bench = KernelBench.open(MathMode.FP32)) {
      KernelBench.Array wave = bench.floats(waveLength);
      bench.run(
          new PcmKernel(bench.kernels())
              .convert(
                  bench.bytes(table()).address(),
                  clips.size(),
                  longest,
                  bench.bytes(raw.flip()).address(),
                  wave.address()));
      assertArrayEquals(expected, wave.read());
    }
  }

  @Test
  void resamplesEachClipByItsOwnRate() {
    List<Rate> rates =
        List.of(
            new Rate(2, 1, 13, 0, 6),
            new Rate(1, 3, 37, 26, 18),
            new Rate(160, 441, 35, 63, 17),
            new Rate(1, 1, 1, 5663, 0),
            new Rate(320, 441, 9, 5664, 3));
    float[] taps = TestRow.floats(random, 5664 + 320 * 9, -1, 1);
    for (int i = 0; i < SAMPLES.length; i++) {
      add(SAMPLES[i], rates.get(i));
    }
    double[] expected =
        clips.stream()
            .flatMapToDouble(
                clip -> DoubleStream.of(resampled(clip, inputs.get(clips.indexOf(clip)), taps)))
            .toArray();
    try (KernelBench bench = KernelBench.open(MathMode.FP32)) {
      KernelBench.Array wave = bench.floats(waveLength);
      bench.run(
          new PcmKernel(bench.kernels())
              .resample(
                  bench.bytes(table()).address(),
                  clips.size(),
                  longest,
                  bench.bytes(raw.flip()).address(),
                  bench.floats(taps).address(),
                  wave.address()));
      assertNear(expected, wave.read(), 2e-5, 2e-5);
    }
  }

  private static double[] resampled(RawClip clip, float[] input, float[] taps) {
    Rate rate = clip.rate();
    double[] output = new double[clip.count()];
    for (int n = 0; n < output.length; n++) {
      int position = n * rate.down();
      int phase = rate.firstTap() + position % rate.up() * rate.taps();
      for (int k = 0; k < rate.taps(); k++) {
        int at = position / rate.up() - rate.left() + k;
        if (at >= 0 && at < input.length) {
          output[n] += (double) taps[phase + k] * input[at];
        }
      }
    }
    return output;
  }
}
