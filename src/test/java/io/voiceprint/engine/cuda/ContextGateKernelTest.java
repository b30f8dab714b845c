package io.voiceprint.engine.cuda;

import static io.voiceprint.engine.cuda.KernelBench.assertNear;
import static io.voiceprint.engine.cuda.TestRow.oneOf;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import io.voiceprint.cuda.MathMode;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Gates from averages against plain Java: of whole clips, and of segments that clips end within.
 */
@Tag("gpu")
class ContextGateKernelTest {
  private static final int SHAPES = 5;

  /** What is drawn for a test. */
  private record Gate(
      ContextGateKernel.Extents extents,
      float[] squeeze,
      float[] squeezeBias,
      float[] expand,
      float[] expandBias) {

    static Gate random(Random random, int segment) {
      int context = 8 * oneOf(random, 1, 3, 33);
      int inner = oneOf(random, 1, 13, 130);
      int channels = 8 * oneOf(random, 1, 5, 17);
      float squeeze = (float) Math.sqrt(3.0 / context);
      float expand = (float) Math.sqrt(3.0 / inner);
      return new Gate(
          new ContextGateKernel.Extents(context, inner, channels, oneOf(random, 1, 2, 8), segment),
          TestRow.floats(random, context * inner, -squeeze, squeeze),
          TestRow.floats(random, inner, -1, 1),
          TestRow.floats(random, inner * channels, -expand, expand),
          TestRow.floats(random, channels, -1, 1));
    }

    double[] expected(TestRow row, float[] x, float[] context) {
      int channels = extents.channels();
      double[] y = new double[x.length];
      for (int clip = 0; clip < row.row().clips(); clip++) {
        int first = row.first(clip, extents.timeStride());
        int end = first + row.count(clip, extents.timeStride());
        double[] whole = mean(context, first, end);
        int step = extents.segment() == 0 ? end - first : extents.segment();
        for (int begin = first; begin < end; begin += step) {
          int behind = Math.min(begin + step, end);
          double[] mean = whole.clone();
          if (extents.segment() > 0) {
            double[] own = mean(context, begin, behind);
            for (int i = 0; i < mean.length; i++) {
              mean[i] += own[i];
            }
          }
          double[] gates = gates(mean);
          for (int i = begin * channels; i < behind * channels; i++) {
            y[i] = x[i] * gates[i % channels];
          }
        }
      }
      return y;
    }

    /** Over columns {@code first} to {@code end}. */
    private double[] mean(float[] context, int first, int end) {
      int width = extents.context();
      double[] mean = new double[width];
      for (int i = first * width; i < end * width; i++) {
        mean[i % width] += context[i] / (double) (end - first);
      }
      return mean;
    }

    private double[] gates(double[] mean) {
      int inner = extents.inner();
      double[] gates = new double[extents.channels()];
      for (int r = 0; r < inner; r++) {
        double sum = squeezeBias[r];
        for (int i = 0; i < mean.length; i++) {
          sum += mean[i] * squeeze[i * inner + r];
        }
        for (int c = 0; c < gates.length; c++) {
          gates[c] += Math.max(sum, 0) * expand[r * gates.length + c];
        }
      }
      for (int c = 0; c < gates.length; c++) {
        gates[c] = 1 / (1 + Math.exp(-gates[c] - expandBias[c]));
      }
      return gates;
    }

    /** Over x itself where {@code inPlace}. */
    float[] run(KernelBench bench, TestRow row, float[] x, float[] context, boolean inPlace) {
      int channels = extents.channels();
      int columns = row.columns(extents.timeStride());
      int clips = row.row().clips();
      long scratchBytes = ContextGateKernel.scratchBytes(extents, columns, clips);
      KernelBench.Array scratch = bench.floats((int) scratchBytes / Float.BYTES);
      KernelBench.Image in = bench.image(x, channels, channels + 16, 8);
      KernelBench.Image out = inPlace ? in : bench.image(columns, channels, channels + 8, 8);
      bench.run(
          bench
              .kernels()
              .contextGate
              .launches(
                  extents,
                  new ContextGateKernel.Weights(
                      bench.floats(squeeze).address(),
                      bench.floats(squeezeBias).address(),
                      bench.floats(expand).address(),
                      bench.floats(expandBias).address()),
                  bench.ints(row.clipTable()).address(),
                  clips,
                  bench.ints(row.columnClips(extents.timeStride())).address(),
                  in.view(),
                  bench.image(context, extents.context(), extents.context() + 8, 8).view(),
                  out.view(),
                  scratch.address(),
                  columns));
      scratch.read();
      return out.read();
    }
  }

  @ParameterizedTest
  @CsvSource({"FP32, 0", "FP32, 5", "FP32, 16", "FP16, 0", "FP16, 7", "FP16, 100"})
  void gatesEachClipByItself(MathMode mode, int segment) {
    for (int seed = 0; seed < SHAPES; seed++) {
      Random random = new Random(seed);
      TestRow row = TestRow.ragged(random);
      Gate gate = Gate.random(random, segment);
      int timeStride = gate.extents().timeStride();
      int channels = gate.extents().channels();
      int width = gate.extents().context();
      // Values in gaps, which must count in no mean and must not get through.
      float[] x = TestRow.floats(random, row.columns(timeStride) * channels, -4, 4);
      float[] context = TestRow.floats(random, row.columns(timeStride) * width, -1, 3);
      try (KernelBench bench = KernelBench.open(mode)) {
        float[] actual = gate.run(bench, row, x, context, seed % 2 == 0);
        assertNear(
            gate.expected(row, bench.rounded(x), bench.rounded(context)),
            actual,
            bench.tolerance(),
            bench.tolerance());
        TestRow single = row.single(1);
        assertArrayEquals(
            row.alone(actual, 1, single, 1, channels, timeStride),
            gate.run(
                bench,
                single,
                row.alone(x, 1, single, 1, channels, timeStride),
                row.alone(context, 1, single, 1, width, timeStride),
                false));
      }
    }
  }
}
