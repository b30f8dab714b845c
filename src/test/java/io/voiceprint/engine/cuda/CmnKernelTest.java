package io.voiceprint.engine.cuda;

import static io.voiceprint.engine.cuda.KernelBench.assertNear;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import io.voiceprint.cuda.MathMode;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("gpu")
class CmnKernelTest {

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 31, 32, 33, 127, 1021})
  void subtractsTheMeanOfEachClip(int frames) {
    int bins = 80;
    Random random = new Random(frames);
    TestRow row = TestRow.of(List.of(9, frames, 2), 8);
    float[] features = row.activations(random, 1, bins, bins, 1, -16, 5);
    double[] expected = new double[features.length];
    for (int clip = 0; clip < 3; clip++) {
      for (int b = 0; b < bins; b++) {
        double mean = 0;
        for (int t = 0; t < row.row().frames(clip); t++) {
          mean += features[(row.first(clip, 1) + t) * bins + b] / (double) row.row().frames(clip);
        }
        for (int t = 0; t < row.row().frames(clip); t++) {
          int at = (row.first(clip, 1) + t) * bins + b;
          expected[at] = features[at] - mean;
        }
      }
    }
    TestRow single = TestRow.of(List.of(frames), 0);
    try (KernelBench bench = KernelBench.open(MathMode.FP32)) {
      float[] actual = normalised(bench, row, features, bins);
      assertNear(expected, actual, 5e-7, 1e-7);
      assertArrayEquals(
          row.alone(actual, 1, single, 1, bins, 1),
          normalised(bench, single, row.alone(features, 1, single, 1, bins, 1), bins));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 100})
  void silenceBecomesZero(int frames) {
    TestRow row = TestRow.of(List.of(frames), 0);
    float[] features = new float[row.columns() * 80];
    Arrays.fill(features, 0, frames * 80, -15.942385f);
    try (KernelBench bench = KernelBench.open(MathMode.FP32)) {
      assertArrayEquals(new float[features.length], normalised(bench, row, features, 80));
    }
  }

  private static float[] normalised(KernelBench bench, TestRow row, float[] features, int bins) {
    KernelBench.Array values = bench.floats(features);
    long clips = bench.ints(row.clipTable()).address();
    bench.run(
        bench
            .kernels()
            .cmn
            .launch(clips, row.row().clips(), values.address(), row.columns(), bins));
    return values.read();
  }
}
