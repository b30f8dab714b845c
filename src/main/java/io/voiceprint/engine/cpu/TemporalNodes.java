package io.voiceprint.engine.cpu;

import io.voiceprint.graph.Activation;
import io.voiceprint.graph.ConvGeometry;
import io.voiceprint.graph.Node;
import io.voiceprint.graph.Shape.FeatureMap;
import io.voiceprint.graph.Tensor;
import io.voiceprint.graph.Value;
import java.util.List;
import java.util.TreeSet;
import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * Plans the nodes that networks along time are made of.
 *
 * @param regions of values planned so far
 * @param buffer a float32 or narrower region that one node alone needs
 */
record TemporalNodes(
    Layers layers,
    Elementwise elementwise,
    Placement placement,
    Layout layout,
    Function<Value, Region> regions,
    BiFunction<Integer, Region, Region> buffer) {

  /** What a convolution reads: its input, or a copy with mirrored ends. */
  Region padded(Node.Conv2d conv, List<Step> into) {
    Region in = regions.apply(conv.input());
    int radius = conv.radiusT();
    if (conv.geometry().padding() != ConvGeometry.Padding.REFLECT || radius == 0) {
      return in;
    }
    Region padded =
        buffer.apply(
            conv.output().id(),
            shape(in, in.channels(), in.time() + 2 * radius, in.frequency(), in.type()));
    into.add(new ReflectedRows(in, conv.input().map(), radius, padded));
    return padded;
  }

  private Region shape(Region like, int channels, int time, int frequency, DataType type) {
    return new Region(like.block(), 0, channels, time, frequency, type, layout);
  }

  void affine(Node.ChannelAffine affine, List<Step> into) {
    Channels channels = placement.of(affine.output());
    into.add(
        elementwise.affine(
            affine.name(),
            regions.apply(affine.input()),
            regions.apply(affine.output()),
            PlainWeights.physical(affine.scale(), channels),
            PlainWeights.physical(affine.shift(), channels),
            affine.activation()));
    if (affine.activation() == Activation.RELU20) {
      into.add(elementwise.clip(affine.name() + ".clip", regions.apply(affine.output())));
    }
  }

  void flatten(Node.Flatten flatten, List<Step> into) {
    into.add(rearranged(flatten.input(), flatten.output(), regions.apply(flatten.output())));
  }

  private Rearranged rearranged(Value from, Value like, Region to) {
    return new Rearranged(
        regions.apply(from), from.map(), placement.of(from), to, like.map(), placement.of(like));
  }

  /** A value with its channels padded as another value's are: a copy where that differs. */
  Region paddedAs(Value value, Value like, List<Step> into) {
    Region own = regions.apply(value);
    if (placement.of(value).sameAs(placement.of(like))) {
      return own;
    }
    int channels = placement.of(like).physical();
    Region copy =
        buffer.apply(like.id(), shape(own, channels, own.time(), own.frequency(), own.type()));
    into.add(rearranged(value, like, copy));
    return copy;
  }

  void gate(Node.ContextGate gate, List<Step> into) {
    into.add(
        new ChannelGate(
            gate,
            gate.squeezeWeight().data(),
            gate.expandWeight().data(),
            regions.apply(gate.input()),
            placement.of(gate.input()),
            regions.apply(gate.context()),
            placement.of(gate.context()),
            regions.apply(gate.output())));
  }

  void attend(Node.ContextAttentivePooling pooling, List<Step> into) {
    int id = pooling.output().id();
    String name = pooling.name();
    FeatureMap map = pooling.input().map();
    Region in = regions.apply(pooling.input());
    Channels channels = placement.of(pooling.input());
    Channels units = Channels.of(pooling.hidden(), new TreeSet<>(), layout.block());
    Channels outer = Channels.of(map.channels(), new TreeSet<>(), layout.block());
    Region bias = buffer.apply(id, shape(in, units.physical(), 1, 1, DataType.FP32));
    Region hidden = buffer.apply(id, shape(in, units.physical(), in.time(), 1, in.type()));
    Region scores = buffer.apply(id, shape(in, outer.physical(), in.time(), 1, DataType.FP32));
    into.add(new ContextBias(pooling, pooling.hiddenWeight().data(), in, channels, units, bias));
    PostOps normed =
        new PostOps()
            .activation(Activation.RELU)
            .scale(name + ".norm.scale", PlainWeights.physical(pooling.normScale(), units))
            .shift(name + ".norm.shift", PlainWeights.physical(pooling.normShift(), units))
            .tanh();
    into.add(
        layers.convolutionWithComputedBias(
            name + ".hidden",
            in,
            hidden,
            Window.pixel(),
            () -> matrix(pooling.hiddenWeight(), map.channels(), units, channels),
            bias,
            normed));
    into.add(
        layers.convolution(
            name + ".scores",
            hidden,
            scores,
            Window.pixel(),
            () -> matrix(pooling.scoreWeight(), pooling.hidden(), outer, units),
            () -> PlainWeights.physical(pooling.scoreBias(), outer),
            new PostOps()));
    into.add(
        new AttentivePooling(
            in,
            scores,
            map,
            channels,
            outer,
            Node.ContextAttentivePooling.VARIANCE_FLOOR,
            regions.apply(pooling.output())));
  }

  private static PlainWeights matrix(Tensor weight, int columns, Channels out, Channels in) {
    return PlainWeights.convolution(PlainWeights.columns(weight, 0, columns), out, in);
  }
}
