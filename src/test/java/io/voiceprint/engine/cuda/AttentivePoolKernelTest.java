package io.voiceprint.engine.cuda;

import static io.voiceprint.engine.cuda.KernelBench.assertNear;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import io.voiceprint.cuda.MathMode;
import io.voiceprint.graph.Shape.FeatureMap;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag("gpu")
class AttentivePoolKernelTest {

  /** The weights, in the kernels' order. */
  private record Weights(float[] hidden, float[] hiddenBias, float[] score, float[] scoreBias) {}

  @ParameterizedTest
  @CsvSource({
    "FP32, 8, 3, 128, 8, 300",
    "FP32, 13, 1, 4, 1, 33",
    "FP32, 40, 2, 32, 2, 127",
    "FP16, 26, 2, 16, 4, 101",
    "FP16, 8, 1, 8, 8, 1",
  })
  void weighsEachClipByItself(
      MathMode mode, int channels, int rows, int hiddenUnits, int timeStride, int frames) {
    Random random = new Random(channels);
    TestRow row = TestRow.of(List.of(9, frames, 31), 8);
    TestRow single = TestRow.of(List.of(frames), 0);
    FeatureMap map = new FeatureMap(channels, rows, timeStride);
    int padded = RowGeometry.roundUp(channels, 8);
    int size = channels * rows;
    float[] x = row.activations(random, rows, padded, channels, timeStride, 0, 6);
    Weights weights =
        new Weights(
            TestRow.floats(random, size * hiddenUnits, -0.1f, 0.1f),
            TestRow.floats(random, hiddenUnits, -1, 1),
            TestRow.floats(random, hiddenUnits * size, -1, 1),
            TestRow.floats(random, size, -1, 1));
    try (KernelBench bench = KernelBench.open(mode)) {
      float[] actual = pooled(bench, row, x, map, padded, hiddenUnits, weights);
      // A variance that is a difference of near equals: the root turns 1e-7 into 3e-4.
      assertNear(
          expected(row, bench.rounded(x), map, padded, hiddenUnits, weights), actual, 1e-3, 2e-4);
      float[] alone = row.alone(x, 1, single, rows, padded, timeStride);
      assertArrayEquals(
          Arrays.copyOfRange(actual, 2 * size, 4 * size),
          pooled(bench, single, alone, map, padded, hiddenUnits, weights));
    }
  }

  /** tanh(scale · relu(products + bias of the clip) + shift). */
  @ParameterizedTest
  @CsvSource({"FP32, 4, 1", "FP32, 132, 2", "FP16, 36, 8", "FP16, 128, 1"})
  void hiddenUnitsKnowTheirClip(MathMode mode, int hiddenUnits, int timeStride) {
    Random random = new Random(hiddenUnits);
    TestRow row = TestRow.ragged(random);
    int[] owner = row.columnClips(timeStride);
    float[] products = TestRow.floats(random, owner.length * hiddenUnits, -2, 2);
    float[] bias = TestRow.floats(random, row.row().clips() * hiddenUnits, -1, 1);
    float[] scale = TestRow.floats(random, hiddenUnits, -1, 1);
    float[] shift = TestRow.floats(random, hiddenUnits, -1, 1);
    try (KernelBench bench = KernelBench.open(mode)) {
      double[] expected = new double[products.length];
      for (int i = 0; i < expected.length; i++) {
        int h = i % hiddenUnits;
        int clip = owner[i / hiddenUnits];
        if (clip != PackedRow.GAP) {
          double sum = (double) bench.rounded(products[i]) + bias[clip * hiddenUnits + h];
          expected[i] = Math.tanh(scale[h] * Math.max(sum, 0) + shift[h]);
        }
      }
      KernelBench.Array hidden = bench.floats(products.length);
      bench.run(
          bench
              .kernels()
              .attentivePool
              .contextHidden(
                  bench.stored(products).address(),
                  bench.ints(owner).address(),
                  new AttentivePoolKernel.ContextWeights(
                      bench.floats(bias).address(),
                      bench.floats(scale).address(),
                      bench.floats(shift).address()),
                  hidden.address(),
                  owner.length,
                  hiddenUnits));
      assertNear(expected, hidden.read(), 1e-6, 0);
    }
  }

  private static float[] pooled(
      KernelBench bench,
      TestRow row,
      float[] x,
      FeatureMap map,
      int padded,
      int hiddenUnits,
      Weights weights) {
    int clips = row.row().clips();
    int columns = row.columns(map.timeStride());
    KernelBench.Array out = bench.floats(clips * 2 * map.channels() * map.frequency());
    KernelBench.Array scratch =
        bench.floats(
            (int) AttentivePoolKernel.scratchBytes(map, columns, hiddenUnits) / Float.BYTES);
    KernelBench.Array hidden = bench.floats(columns * hiddenUnits);
    AttentivePoolKernel kernel = bench.kernels().attentivePool;
    View view = bench.image(x, padded, padded + 8, 8).view();
    bench.run(
        kernel.hidden(
            view,
            bench.ints(row.columnClips(map.timeStride())).address(),
            new AttentivePoolKernel.HiddenWeights(
                bench.floats(weights.hidden()).address(),
                bench.floats(weights.hiddenBias()).address()),
            scratch.address(),
            hidden.address(),
            map,
            columns,
            hiddenUnits));
    bench.run(
        kernel.statistics(
            bench.ints(row.clipTable()).address(),
            clips,
            view,
            hidden.address(),
            new AttentivePoolKernel.ScoreWeights(
                bench.floats(weights.score()).address(),
                bench.floats(weights.scoreBias()).address()),
            out.address(),
            map,
            columns,
            hiddenUnits,
            1e-10));
    hidden.read();
    scratch.read();
    return out.read();
  }

  private static double[] expected(
      TestRow row, float[] x, FeatureMap map, int padded, int hiddenUnits, Weights weights) {
    int channels = map.channels();
    int rows = map.frequency();
    int columns = row.columns(map.timeStride());
    double[] out = new double[row.row().clips() * 2 * channels * rows];
    for (int clip = 0; clip < row.row().clips(); clip++) {
      int n = row.count(clip, map.timeStride());
      int first = row.first(clip, map.timeStride());
      double[][] hidden = new double[n][hiddenUnits];
      for (int t = 0; t < n; t++) {
        for (int h = 0; h < hiddenUnits; h++) {
          double sum = weights.hiddenBias()[h];
          for (int i = 0; i < rows * channels; i++) {
            int pixel = i / channels * columns + first + t;
            sum +=
                (double) weights.hidden()[i * hiddenUnits + h] * x[pixel * padded + i % channels];
          }
          hidden[t][h] = Math.tanh(sum);
        }
      }
      for (int i = 0; i < rows * channels; i++) {
        int f = i / channels;
        int c = i % channels;
        double[] scores = new double[n];
        double highest = Double.NEGATIVE_INFINITY;
        for (int t = 0; t < n; t++) {
          scores[t] = weights.scoreBias()[i];
          for (int h = 0; h < hiddenUnits; h++) {
            scores[t] += weights.score()[h * rows * channels + i] * hidden[t][h];
          }
          highest = Math.max(highest, scores[t]);
        }
        double total = 0;
        double mean = 0;
        for (int t = 0; t < n; t++) {
          scores[t] = Math.exp(scores[t] - highest);
          total += scores[t];
          mean += scores[t] * x[(f * columns + first + t) * padded + c];
        }
        mean /= total;
        double variance = 0;
        for (int t = 0; t < n; t++) {
          double d = x[(f * columns + first + t) * padded + c] - mean;
          variance += scores[t] / total * d * d;
        }
        int at = clip * 2 * channels * rows + c * rows + f;
        out[at] = mean;
        out[at + channels * rows] = Math.sqrt(Math.max(variance, 1e-10));
      }
    }
    return out;
  }
}
