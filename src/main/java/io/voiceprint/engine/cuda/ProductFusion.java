package io.voiceprint.engine.cuda;

import io.voiceprint.cuda.DeviceMemory;
import io.voiceprint.cuda.MathMode;
import io.voiceprint.graph.Activation;
import io.voiceprint.graph.Node;
import io.voiceprint.graph.Shape.FeatureMap;
import java.util.List;

/**
 * {@link Node.AttentionalFusion} as 1×1 convolutions with element-wise kernels between them: best
 * where channels are many. The squeeze over [x; y] is one convolution over y and one over x that
 * takes the first as its residual, so nothing is concatenated.
 */
final class ProductFusion implements Operator {
  private final Node.AttentionalFusion node;
  private final AffKernel kernel;
  private final MathMode mode;
  private final ConvLayer squeezeLayer;
  private final ConvLayer expandLayer;
  private final ConvImplementation squeezeX;
  private final ConvImplementation squeezeY;
  private final ConvImplementation expand;
  private final WeightStore.Slot squeezeBias;
  private final WeightStore.Slot expandBias;

  ProductFusion(
      Node.AttentionalFusion node,
      KernelSet kernels,
      ChannelLayout layout,
      WeightStore weights,
      ConvImplementations convolutions) {
    this.node = node;
    this.kernel = kernels.aff;
    this.mode = kernels.mode();
    FeatureMap map = node.output().map();
    int channels = map.channels();
    ChannelLayout inner = ChannelLayout.of(node.innerChannels());
    squeezeLayer = layer(map, layout, inner);
    expandLayer = layer(map, inner, layout);
    squeezeX =
        convolutions.create(
            node.name(),
            squeezeLayer,
            WeightPacking.pointwise(node.squeezeWeight(), 0, channels),
            null,
            layout,
            inner,
            Activation.NONE);
    squeezeY =
        convolutions.create(
            node.name(),
            squeezeLayer,
            WeightPacking.pointwise(node.squeezeWeight(), channels, channels),
            null,
            layout,
            inner,
            Activation.NONE);
    expand =
        convolutions.create(
            node.name(),
            expandLayer,
            WeightPacking.pointwise(node.expandWeight(), 0, node.innerChannels()),
            null,
            inner,
            layout,
            Activation.NONE);
    squeezeBias = weights.floats(WeightPacking.vector(node.squeezeBias(), inner));
    expandBias = weights.floats(WeightPacking.vector(node.expandBias(), layout));
  }

  private static ConvLayer layer(FeatureMap map, ChannelLayout in, ChannelLayout out) {
    return new ConvLayer(map.frequency(), map.timeStride(), in.width(), out.width(), 1, 1);
  }

  @Override
  public long scratchBytes(RowSize row) {
    return bytes(row, squeezeLayer.outputs())
        + bytes(row, expandLayer.outputs())
        + convolutionScratch(row);
  }

  private long convolutionScratch(RowSize row) {
    return Math.max(squeezeX.scratchBytes(row), expand.scratchBytes(row));
  }

  /** Bytes of a packed tensor over all pixels. */
  private long bytes(RowSize row, int channels) {
    long pixels = (long) squeezeLayer.rows() * row.columns(squeezeLayer.timeStride());
    return DeviceMemory.align(pixels * channels * mode.elementBytes());
  }

  @Override
  public void plan(RowPlan row, List<Launch> launches) {
    int columns = row.columns(squeezeLayer.timeStride());
    int pixels = Math.multiplyExact(squeezeLayer.rows(), columns);
    long scratch = row.scratch(node.output().id());
    View hidden = new View(scratch, squeezeLayer.outputs());
    View gate = new View(scratch + bytes(row.row(), hidden.stride()), expandLayer.outputs());
    long rest = gate.address() + bytes(row.row(), gate.stride());
    View x = row.view(node.x());
    View y = row.view(node.y());
    squeezeY.plan(new ConvCall(y, null, hidden), row, rest, launches);
    squeezeX.plan(new ConvCall(x, hidden, hidden), row, rest, launches);
    launches.add(kernel.silu(hidden.address(), squeezeBias.address(), pixels, hidden.stride()));
    expand.plan(new ConvCall(hidden, null, gate), row, rest, launches);
    launches.add(
        kernel.gateBlend(
            gate.address(),
            expandBias.address(),
            x,
            y,
            row.view(node.output()),
            row.columnClip(squeezeLayer.timeStride()),
            squeezeLayer.rows(),
            columns,
            expandLayer.outputs()));
  }
}
