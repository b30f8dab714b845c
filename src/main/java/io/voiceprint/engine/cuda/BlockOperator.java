package io.voiceprint.engine.cuda;

import io.voiceprint.graph.Shape.FeatureMap;
import java.util.List;

/** A {@link ResidualBlock} in one kernel. */
final class BlockOperator implements Operator {
  private final ResidualBlock block;
  private final ResBlockKernel kernel;
  private final ResBlockKernel.Extent extent;
  private final ResBlockKernel.Tile tile;
  private final BlockWeights weights;

  BlockOperator(
      ResidualBlock block,
      KernelSet kernels,
      ResBlockKernel.Extent extent,
      ResBlockKernel.Tile tile,
      ValueStorage storage,
      WeightStore store) {
    this.block = block;
    this.kernel = kernels.resBlock;
    this.extent = extent;
    this.tile = tile;
    this.weights = new BlockWeights(block, kernels, storage, store);
  }

  /** The extents of a block as its values lie in memory. */
  static ResBlockKernel.Extent extent(ResidualBlock block, ValueStorage storage) {
    FeatureMap map = block.input().map();
    return new ResBlockKernel.Extent(
        map.frequency(),
        map.timeStride(),
        storage.layout(block.input()).width(),
        storage.layout(block.chain().get(0).output()).width(),
        block.parts(),
        block.chain().size(),
        block.gates().isEmpty() ? 0 : AffMmaKernel.inner(block.gates().get(0).innerChannels()),
        storage.layout(block.output()).width(),
        block.reduce().geometry().strideT(),
        block.project() != null);
  }

  @Override
  public void plan(RowPlan row, List<Launch> launches) {
    launches.add(
        kernel.launch(
            extent,
            tile,
            block.expand().activation(),
            weights.addresses(),
            row.view(block.input()),
            row.view(block.output()),
            row.columnClip(block.output().map().timeStride()),
            row.columns(extent.timeStride())));
  }
}
