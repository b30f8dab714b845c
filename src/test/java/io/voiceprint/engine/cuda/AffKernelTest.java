package io.voiceprint.engine.cuda;

import static io.voiceprint.engine.cuda.KernelBench.assertNear;

import io.voiceprint.cuda.MathMode;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag("gpu")
class AffKernelTest {

  @ParameterizedTest
  @CsvSource({
    "FP32, 8, 1, 1, 1",
    "FP32, 16, 7, 3, 2",
    "FP32, 64, 16, 2, 4",
    "FP32, 264, 8, 1, 8",
    "FP16, 24, 6, 3, 1",
    "FP16, 64, 16, 1, 2",
    "FP16, 104, 33, 2, 8",
  })
  void fusesInOneKernelAndInPieces(
      MathMode mode, int channels, int inner, int rows, int timeStride) {
    Random random = new Random(channels);
    TestRow row = TestRow.of(List.of(9, 31, 1), 8);
    int[] owner = row.columnClips(timeStride);
    int columns = owner.length;
    int pixels = rows * columns;
    // Values in gaps, which the kernels must not let through.
    float[] x = TestRow.floats(random, pixels * channels, 0, 4);
    float[] y = TestRow.floats(random, x.length, -4, 4);
    PlainFusion fusion = PlainFusion.random(random, channels, inner);
    try (KernelBench bench = KernelBench.open(mode)) {
      float[] heldX = bench.rounded(x);
      float[] heldY = bench.rounded(y);
      double[] squeezed = fusion.squeezed(heldX, heldY);
      double[] gates = fusion.gates(fusion.activated(squeezed));
      double[] expected = TestRow.masked(fusion.blended(heldX, heldY, gates), owner, channels);
      KernelBench.Image inX = bench.image(x, channels, channels + 8, 8);
      KernelBench.Image inY = bench.image(y, channels, channels, 0);
      KernelBench.Image out = bench.image(pixels, channels, 2 * channels, channels);
      long columnClip = bench.ints(owner).address();
      long deviceExpandBias = bench.floats(fusion.expandBias()).address();
      long deviceSqueezeBias = bench.floats(fusion.squeezeBias()).address();
      AffKernel kernel = bench.kernels().aff;
      bench.run(
          kernel.fused(
              new AffCall(
                  inX.view(), inY.view(), out.view(), columnClip, rows, columns, channels, inner),
              new GateSlots.Addresses(
                  bench.floats(fusion.squeeze()).address(),
                  deviceSqueezeBias,
                  bench.floats(fusion.expand()).address(),
                  deviceExpandBias)));
      assertNear(expected, out.read(), 2 * bench.tolerance(), bench.tolerance());

      float[] storedGates = floats(gates);
      KernelBench.Array gate = bench.stored(storedGates);
      bench.run(
          kernel.gateBlend(
              gate.address(),
              deviceExpandBias,
              inX.view(),
              inY.view(),
              inX.view(),
              columnClip,
              rows,
              columns,
              channels));
      double[] heldGates = doubles(bench.rounded(storedGates));
      expected = TestRow.masked(fusion.blended(heldX, heldY, heldGates), owner, channels);
      assertNear(expected, inX.read(), bench.tolerance(), bench.tolerance());

      if (inner % 8 == 0) {
        float[] storedSums = floats(squeezed);
        KernelBench.Array s = bench.stored(storedSums);
        bench.run(kernel.silu(s.address(), deviceSqueezeBias, pixels, inner));
        assertNear(
            fusion.activated(doubles(bench.rounded(storedSums))),
            s.read(),
            bench.tolerance(),
            bench.tolerance());
      }
    }
  }

  private static float[] floats(double[] values) {
    float[] floats = new float[values.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) values[i];
    }
    return floats;
  }

  private static double[] doubles(float[] values) {
    return IntStream.range(0, values.length).mapToDouble(i -> values[i]).toArray();
  }
}
