package io.voiceprint.engine.cuda;

import static io.voiceprint.engine.cuda.KernelBench.assertNear;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import io.voiceprint.cuda.MathMode;
import io.voiceprint.graph.Activation;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag("gpu")
class LinearKernelTest {

  @ParameterizedTest
  @CsvSource({
    "FP32, 1, 1021, 33, NONE",
    "FP32, 5, 31, 1, RELU",
    "FP32, 4, 2560, 8, RELU20",
    "FP16, 9, 127, 64, NONE",
    "FP16, 1, 1, 3, RELU",
    "FP16, 3, 1280, 32, NONE",
  })
  void multipliesAndDoesNotMindCompany(
      MathMode mode, int clips, int inputs, int outputs, Activation activation) {
    Random random = new Random(inputs);
    float[] x = TestRow.floats(random, clips * inputs, -1, 1);
    float[] weights = TestRow.floats(random, outputs * inputs, -1, 1);
    float[] bias = TestRow.floats(random, outputs, -1, 1);
    try (KernelBench bench = KernelBench.open(mode)) {
      float[] held = bench.rounded(weights);
      double[] expected = new double[clips * outputs];
      for (int i = 0; i < expected.length; i++) {
        double sum = bias[i % outputs];
        for (int k = 0; k < inputs; k++) {
          sum += (double) held[i % outputs * inputs + k] * x[i / outputs * inputs + k];
        }
        expected[i] = activation == Activation.NONE ? sum : activation.apply((float) sum);
      }
      KernelBench.Array deviceWeights = bench.stored(weights);
      KernelBench.Array deviceBias = bench.floats(bias);
      float[] all = run(bench, x, deviceWeights, deviceBias, clips, inputs, outputs, activation);
      assertNear(expected, all, 1e-4, 1e-5);
      float[] last = Arrays.copyOfRange(x, (clips - 1) * inputs, clips * inputs);
      assertArrayEquals(
          Arrays.copyOfRange(all, (clips - 1) * outputs, clips * outputs),
          run(bench, last, deviceWeights, deviceBias, 1, inputs, outputs, activation));
    }
  }

  private static float[] run(
      KernelBench bench,
      float[] x,
      KernelBench.Array weights,
      KernelBench.Array bias,
      int clips,
      int inputs,
      int outputs,
      Activation activation) {
    KernelBench.Array out = bench.floats(clips * outputs);
    bench.run(
        bench
            .kernels()
            .linear
            .launch(
                bench.floats(x).address(),
                weights.address(),
                bias.address(),
                out.address(),
                clips,
                inputs,
                outputs,
                activation));
    return out.read();
  }
}
