package io.voiceprint.engine.cuda;

import io.voiceprint.graph.Node;
import java.util.List;

/** A {@link DownsampleCandidate} by one of its tiles. */
final class DownsampleOperator implements Operator {
  private final DownsampleCandidate nodes;
  private final DownsampleAffKernel.Tile tile;
  private final WeightStore.Slot weights;
  private final WeightStore.Slot bias;
  private final GateSlots gate;

  DownsampleOperator(DownsampleCandidate nodes, DownsampleAffKernel.Tile tile, WeightStore store) {
    this.nodes = nodes;
    this.tile = tile;
    Node.Conv2d conv = nodes.conv();
    RowProducts products = nodes.kernels().products;
    ChannelLayout in = nodes.storage().layout(conv.input());
    ChannelLayout out = nodes.storage().layout(conv.output());
    this.weights =
        store.operands(
            conv.name(),
            products.packed(WeightPacking.innerMajor(conv.weight(), in, out), out.width()),
            nodes.kernels().mode());
    this.bias = store.floats(WeightPacking.vector(conv.bias(), out));
    this.gate =
        GateSlots.of(
            nodes.fusion().name(),
            products.gate(nodes.fusion(), out),
            store,
            nodes.kernels().mode());
  }

  @Override
  public void plan(RowPlan row, List<Launch> launches) {
    Node.AttentionalFusion fusion = nodes.fusion();
    launches.add(
        nodes
            .kernels()
            .downsampleAff
            .launch(
                nodes.extent(),
                tile,
                nodes.conv().activation(),
                new DownsampleAffKernel.Weights(
                    weights.address(), bias.address(), gate.addresses()),
                new DownsampleAffKernel.Call(
                    row.view(nodes.conv().input()),
                    row.view(fusion.x()),
                    row.view(fusion.output()),
                    row.columnClip(fusion.output().map().timeStride()),
                    row.columns(nodes.extent().timeStride()))));
  }
}
