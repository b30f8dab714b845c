package io.voiceprint.engine.cuda;

import io.voiceprint.cuda.DeviceMemory;
import io.voiceprint.cuda.MathMode;
import io.voiceprint.graph.Activation;
import io.voiceprint.graph.Node.ContextAttentivePooling;
import io.voiceprint.graph.Shape.FeatureMap;
import io.voiceprint.graph.Statistics;
import io.voiceprint.graph.Tensor;
import java.util.Arrays;
import java.util.List;

/**
 * {@link ContextAttentivePooling}. The mean and deviation of a clip are the same at all its
 * columns, so their part of the hidden layer is one product per clip, added to that of the columns.
 */
final class ContextAttentiveOperator implements Operator {
  private static final StatsPoolKernel.Variance VARIANCE =
      new StatsPoolKernel.Variance(0, 0, ContextAttentivePooling.VARIANCE_FLOOR);

  private final ContextAttentivePooling node;
  private final KernelSet kernels;
  private final MathMode mode;
  private final ContiguousInput input;
  private final int units; // H in memory, a multiple of 8; units behind the real ones stay zero
  private final ConvLayer productLayer;
  private final ConvImplementation product;
  private final WeightStore.Slot context;
  private final WeightStore.Slot contextBias;
  private final WeightStore.Slot normScale;
  private final WeightStore.Slot normShift;
  private final WeightStore.Slot score;
  private final WeightStore.Slot scoreBias;

  ContextAttentiveOperator(
      ContextAttentivePooling node,
      KernelSet kernels,
      ContiguousInput input,
      WeightStore weights,
      ConvImplementations convolutions) {
    this.node = node;
    this.kernels = kernels;
    this.mode = kernels.mode();
    this.input = input;
    ChannelLayout in = input.layout();
    ChannelLayout hidden = ChannelLayout.of(node.hidden());
    units = hidden.width();
    if (units > AttentivePoolKernel.MAX_HIDDEN) {
      throw Operators.unsupported(
          node,
          "%d hidden units, at most %d".formatted(node.hidden(), AttentivePoolKernel.MAX_HIDDEN));
    }
    FeatureMap map = node.input().map();
    int channels = map.channels();
    productLayer = new ConvLayer(1, map.timeStride(), in.width(), units, 1, 1);
    product =
        convolutions.create(
            node.name(),
            productLayer,
            WeightPacking.pointwise(node.hiddenWeight(), 0, channels),
            null,
            in,
            hidden,
            Activation.NONE);
    Tensor ofContext = WeightPacking.pointwise(node.hiddenWeight(), channels, 2 * channels);
    context =
        weights.operands(node.name(), Arrays.copyOf(ofContext.data(), units * 2 * channels), mode);
    contextBias = weights.floats(WeightPacking.vector(node.hiddenBias(), hidden));
    normScale = weights.floats(WeightPacking.vector(node.normScale(), hidden));
    normShift = weights.floats(WeightPacking.vector(node.normShift(), hidden));
    score =
        weights.floats(
            Arrays.copyOf(
                WeightPacking.attentiveScore(node.scoreWeight(), channels, 1), units * channels));
    scoreBias = weights.floats(node.scoreBias().data());
  }

  /** Where the intermediate results of a row lie in its scratch memory. */
  private record Scratch(
      long input,
      long statistics,
      long clipBias,
      long products,
      long hidden,
      long rest,
      long end) {}

  private Scratch scratch(long base, RowSize row) {
    int columns = row.columns(productLayer.timeStride());
    long statistics = base + input.scratchBytes(row);
    long clipBias = statistics + floats((long) row.clips() * node.output().vector().size());
    long products = clipBias + floats((long) row.clips() * units);
    long hidden = products + DeviceMemory.align((long) columns * units * mode.elementBytes());
    long rest = hidden + floats((long) columns * units);
    return new Scratch(
        base, statistics, clipBias, products, hidden, rest, rest + product.scratchBytes(row));
  }

  private static long floats(long count) {
    return DeviceMemory.align(Float.BYTES * count);
  }

  @Override
  public long scratchBytes(RowSize row) {
    return scratch(0, row).end();
  }

  @Override
  public void plan(RowPlan row, List<Launch> launches) {
    FeatureMap map = node.input().map();
    int clips = row.row().clips();
    int columns = row.columns(map.timeStride());
    long columnClip = row.columnClip(map.timeStride());
    Scratch scratch = scratch(row.scratch(node.output().id()), row.row());
    View x = input.plan(row, scratch.input(), launches);
    launches.add(
        kernels.statsPool.launch(
            row.clips(),
            clips,
            x,
            scratch.statistics(),
            map,
            columns,
            Statistics.MEAN_AND_STANDARD_DEVIATION,
            VARIANCE));
    launches.add(
        kernels.linear.launch(
            scratch.statistics(),
            context.address(),
            contextBias.address(),
            scratch.clipBias(),
            clips,
            2 * map.channels(),
            units,
            Activation.NONE));
    product.plan(
        new ConvCall(x, null, new View(scratch.products(), units)), row, scratch.rest(), launches);
    launches.add(
        kernels.attentivePool.contextHidden(
            scratch.products(),
            columnClip,
            new AttentivePoolKernel.ContextWeights(
                scratch.clipBias(), normScale.address(), normShift.address()),
            scratch.hidden(),
            columns,
            units));
    launches.add(
        kernels.attentivePool.statistics(
            row.clips(),
            clips,
            x,
            scratch.hidden(),
            new AttentivePoolKernel.ScoreWeights(score.address(), scoreBias.address()),
            row.address(node.output()),
            map,
            columns,
            units,
            ContextAttentivePooling.VARIANCE_FLOOR));
  }
}
