package io.voiceprint.engine.cpu;

import io.voiceprint.graph.Node;
import io.voiceprint.graph.Shape.FeatureMap;
import io.voiceprint.graph.Value;
import java.util.List;
import java.util.TreeSet;
import org.bytedeco.dnnl.global.dnnl.algorithm;

/** The steps that compute one node, between the regions of its values. */
final class NodeSteps {
  /** What variances are raised to in {@link Node.AttentivePooling}. */
  private static final double ATTENTION_FLOOR = 1e-10;

  private final Placement placement;
  private final Layout layout;
  private final DataType type;
  private final Regions regions;
  private final Layers layers;
  private final Elementwise elementwise;
  private final Copies copies;
  private final TemporalNodes temporal;

  NodeSteps(
      Placement placement,
      Layout layout,
      DataType type,
      Regions regions,
      Primitives primitives,
      Weights weights) {
    this.placement = placement;
    this.layout = layout;
    this.type = type;
    this.regions = regions;
    this.layers = new Layers(primitives, weights);
    this.elementwise = new Elementwise(primitives, weights);
    this.copies = new Copies(primitives);
    this.temporal =
        new TemporalNodes(layers, elementwise, placement, layout, regions::of, regions::temporary);
  }

  /** Appends the steps of {@code node}, whose values have their regions. */
  void add(Node node, List<Step> into) {
    Region to = of(node.output());
    if (node instanceof Node.Input) {
      return;
    }
    if (node instanceof Node.Conv2d conv) {
      convolve(conv, into);
    } else if (node instanceof Node.ChannelSlice slice) {
      if (!layout.hasChannelViews()) {
        int begin = placement.of(slice.input()).position()[slice.from()];
        into.add(copies.copy(node.name(), of(slice.input()), begin, to, 0, to.channels()));
      }
    } else if (node instanceof Node.Concat concat) {
      concatenate(concat, into);
    } else if (node instanceof Node.Add sum) {
      into.add(
          elementwise.binary(
              node.name(),
              algorithm.binary_add,
              of(sum.a()),
              temporal.paddedAs(sum.b(), sum.output(), into),
              to));
    } else if (node instanceof Node.ChannelAffine affine) {
      temporal.affine(affine, into);
    } else if (node instanceof Node.Flatten flatten) {
      temporal.flatten(flatten, into);
    } else if (node instanceof Node.ContextGate gate) {
      temporal.gate(gate, into);
    } else if (node instanceof Node.ContextAttentivePooling pooling) {
      temporal.attend(pooling, into);
    } else if (node instanceof Node.AttentionalFusion fusion) {
      fuse(fusion, into);
    } else if (node instanceof Node.StatisticsPooling pooling) {
      into.add(
          new StatisticsPooling(
              pooling.statistics(),
              pooling.epsilon(),
              of(pooling.input()),
              pooling.input().map(),
              placement.of(pooling.input()),
              to));
    } else if (node instanceof Node.AttentivePooling pooling) {
      attend(pooling, into);
    } else if (node instanceof Node.Linear linear) {
      into.add(
          layers.fullyConnected(
              node.name(),
              of(linear.input()),
              to,
              linear.weight(),
              linear.bias(),
              new PostOps().activation(linear.activation())));
    } else {
      throw new AssertionError(node);
    }
  }

  private Region of(Value value) {
    return regions.of(value);
  }

  private void convolve(Node.Conv2d conv, List<Step> into) {
    Channels out = placement.of(conv.output());
    Channels in = placement.of(conv.input());
    Region to = of(conv.output());
    PostOps postOps = new PostOps();
    if (conv.residual() != null) {
      if (placement.sharesMemory(conv.residual(), conv.output())) {
        postOps.sum();
      } else {
        postOps.add(of(conv.residual()));
      }
    }
    postOps.activation(conv.activation());
    // The features stay float32, so the layer that reads them does too.
    boolean widened = of(conv.input()).type() != type;
    Region computed =
        widened ? regions.temporary(conv.output().id(), to.channels(), to, DataType.FP32) : to;
    into.add(
        layers.convolution(
            conv.name(),
            temporal.padded(conv, into),
            computed,
            Window.of(conv),
            () -> PlainWeights.convolution(conv.weight(), out, in),
            () -> PlainWeights.physical(conv.bias(), out),
            postOps));
    if (widened) {
      into.add(copies.copy(conv.name() + ".rounded", computed, 0, to, 0, to.channels()));
    }
  }

  private void concatenate(Node.Concat concat, List<Step> into) {
    Region to = of(concat.output());
    int offset = 0;
    for (Value input : concat.inputs()) {
      Region from = of(input);
      if (!placement.lies(input, concat.output(), offset)) {
        into.add(copies.copy(concat.name(), from, 0, to, offset, from.channels()));
      }
      offset += from.channels();
    }
  }

  /** out = x + y + tanh(expand · silu(squeeze · [x; y])) · (x - y). */
  private void fuse(Node.AttentionalFusion fusion, List<Step> into) {
    int id = fusion.output().id();
    String name = fusion.name();
    Channels outer = placement.of(fusion.x());
    Channels inner = Channels.of(fusion.innerChannels(), new TreeSet<>(), layout.block());
    Region x = of(fusion.x());
    Region y = of(fusion.y());
    Region difference = regions.temporary(id, outer.physical(), x, type);
    Region fromX = regions.temporary(id, inner.physical(), x, DataType.FP32);
    Region hidden = regions.temporary(id, inner.physical(), x, type);
    into.add(
        layers.convolution(
            name + ".squeeze.x",
            x,
            fromX,
            Window.pixel(),
            () -> squeeze(fusion, 0, inner, outer),
            () -> PlainWeights.physical(fusion.squeezeBias(), inner),
            new PostOps()));
    into.add(
        layers.convolution(
            name + ".squeeze.y",
            y,
            hidden,
            Window.pixel(),
            () -> squeeze(fusion, outer.count(), inner, outer),
            null,
            new PostOps().add(fromX).silu()));
    into.add(elementwise.binary(name + ".difference", algorithm.binary_sub, x, y, difference));
    into.add(
        layers.convolution(
            name + ".expand",
            hidden,
            of(fusion.output()),
            Window.pixel(),
            () ->
                PlainWeights.convolution(
                    PlainWeights.columns(fusion.expandWeight(), 0, fusion.innerChannels()),
                    outer,
                    inner),
            () -> PlainWeights.physical(fusion.expandBias(), outer),
            new PostOps().tanh().multiply(difference).add(x).add(y)));
  }

  private static PlainWeights squeeze(
      Node.AttentionalFusion fusion, int from, Channels inner, Channels outer) {
    return PlainWeights.convolution(
        PlainWeights.columns(fusion.squeezeWeight(), from, outer.count()), inner, outer);
  }

  /** Both matrices as convolutions: the first with a kernel as high as the map. */
  private void attend(Node.AttentivePooling pooling, List<Step> into) {
    int id = pooling.output().id();
    FeatureMap map = pooling.input().map();
    Region in = of(pooling.input());
    Channels channels = placement.of(pooling.input());
    int hiddenUnits = pooling.hiddenBias().extent(0);
    int rows = map.channels() * map.frequency();
    Channels inner = Channels.of(hiddenUnits, new TreeSet<>(), layout.block());
    Channels outer = Channels.of(rows, new TreeSet<>(), layout.block());
    Region column = new Region(in.block(), 0, 1, in.time(), 1, type, layout);
    Region hidden = regions.temporary(id, inner.physical(), column, type);
    Region scores = regions.temporary(id, outer.physical(), column, DataType.FP32);
    into.add(
        layers.convolution(
            pooling.name() + ".hidden",
            in,
            hidden,
            Window.column(map.frequency()),
            () ->
                PlainWeights.convolution(
                    pooling
                        .hiddenWeight()
                        .reshaped(hiddenUnits, map.channels(), map.frequency(), 1),
                    inner,
                    channels),
            () -> PlainWeights.physical(pooling.hiddenBias(), inner),
            new PostOps().tanh()));
    into.add(
        layers.convolution(
            pooling.name() + ".scores",
            hidden,
            scores,
            Window.pixel(),
            () ->
                PlainWeights.convolution(
                    PlainWeights.columns(pooling.scoreWeight(), 0, hiddenUnits), outer, inner),
            () -> PlainWeights.physical(pooling.scoreBias(), outer),
            new PostOps()));
    into.add(
        new AttentivePooling(
            in, scores, map, channels, outer, ATTENTION_FLOOR, of(pooling.output())));
  }
}
