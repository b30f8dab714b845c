package io.voiceprint.engine.cuda;

import static io.voiceprint.engine.cuda.KernelBench.assertNear;
import static io.voiceprint.engine.cuda.TestRow.oneOf;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import io.voiceprint.cuda.MathMode;
import io.voiceprint.graph.Activation;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** A residual block in one kernel against plain Java, on random shapes and ragged clips. */
@Tag("gpu")
class ResBlockKernelTest {
  private static final int SHAPES = 4;

  /**
   * A value that is all but in the middle of two neighbours of 11 bits may become the other one.
   * They lie 2^-9 apart below 4, where all but a few results are; it reaches the result times at
   * most 2, which is what a gate's blend may take of it. All weights are below 0.4.
   */
  private static final double OTHER_NEIGHBOUR = 4e-3;

  private static ResBlockKernel.Extent extent(Random random, int multiple, boolean gated) {
    int parts = oneOf(random, 2, 3);
    int convolutions = gated ? parts : parts - random.nextInt(2);
    int inputs = multiple * oneOf(random, 1, 2, 3);
    int outputs = multiple * oneOf(random, 1, 2, 3);
    int stride = oneOf(random, 1, 2);
    return new ResBlockKernel.Extent(
        oneOf(random, 1, 3, 5, 10),
        oneOf(random, 1, 2, 4),
        inputs,
        multiple * oneOf(random, 1, 2),
        parts,
        convolutions,
        gated ? oneOf(random, 16, 32) : 0,
        outputs,
        stride,
        stride > 1 || inputs != outputs || random.nextBoolean());
  }

  @ParameterizedTest
  @CsvSource({
    "FP32, false",
    "FP32, true",
    "TF32, false",
    "TF32, true",
    "FP16, false",
    "FP16, true",
  })
  void computesTheWholeBlock(MathMode mode, boolean gated) {
    for (int seed = 0; seed < SHAPES; seed++) {
      Random random = new Random(seed);
      TestRow row = TestRow.ragged(random);
      try (KernelBench bench = KernelBench.open(mode)) {
        int multiple = bench.kernels().products.multiple();
        ResBlockKernel.Extent extent = extent(random, multiple, gated);
        PlainResBlock block = PlainResBlock.random(random, extent);
        int inputs = extent.inputs();
        int timeStride = extent.timeStride();
        float[] x = row.activations(random, extent.rows(), inputs, inputs, timeStride, -1, 1);
        List<ResBlockKernel.Tile> tiles = bench.kernels().resBlock.tiles(extent);
        float[] first = Tiles.sameInEach(tiles, extent, tile -> run(bench, block, tile, row, x));
        double slack = mode == MathMode.FP32 ? bench.tolerance() : OTHER_NEIGHBOUR;
        assertNear(block.of(bench, row, x), first, slack, bench.tolerance());
        TestRow single = row.single(1);
        float[] alone = row.alone(x, 1, single, extent.rows(), inputs, timeStride);
        assertArrayEquals(
            row.alone(
                first, 1, single, outRows(extent), extent.outputs(), timeStride * extent.stride()),
            run(bench, block, tiles.get(0), single, alone));
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void channelsThatTheKernelDoesNotTakeHaveNoTile(MathMode mode) {
    Tiles.assertNone(
        mode,
        (kernels, multiple) ->
            kernels.resBlock.tiles(
                new ResBlockKernel.Extent(
                    3, 1, multiple, multiple / 2, 2, 2, 0, multiple, 1, false)));
  }

  private static int outRows(ResBlockKernel.Extent extent) {
    return KernelSet.ceilDiv(extent.rows(), extent.stride());
  }

  private static float[] run(
      KernelBench bench, PlainResBlock block, ResBlockKernel.Tile tile, TestRow row, float[] x) {
    ResBlockKernel.Extent extent = block.extent();
    int[] owner = row.columnClips(extent.timeStride() * extent.stride());
    KernelBench.Image out =
        bench.image(outRows(extent) * owner.length, extent.outputs(), extent.outputs() + 8, 8);
    bench.run(
        bench
            .kernels()
            .resBlock
            .launch(
                extent,
                tile,
                Activation.RELU20,
                block.upload(bench),
                bench.image(x, extent.inputs(), extent.inputs() + 16, 8).view(),
                out.view(),
                bench.ints(owner).address(),
                row.columns(extent.timeStride())));
    return out.read();
  }
}
