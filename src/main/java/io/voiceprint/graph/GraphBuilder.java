package io.voiceprint.graph;

import io.voiceprint.graph.Shape.FeatureMap;
import io.voiceprint.graph.Shape.Vector;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Builds a {@link Graph} node by node, infers each shape and validates it: the one place where
 * shapes are checked. Every method throws {@link IllegalArgumentException} with the node's name and
 * both shapes where they do not fit.
 */
public final class GraphBuilder {
  private final List<Node> nodes = new ArrayList<>();
  private final Set<String> names = new HashSet<>();

  /** Starts a graph whose input is (1, {@code melBins}, T). */
  public GraphBuilder(int melBins) {
    nodes.add(new Node.Input(value("features", new FeatureMap(1, melBins, 1))));
  }

  /** The features: (1, mel bins, T). */
  public Value input() {
    return nodes.get(0).output();
  }

  /** A convolution without residual; see {@link Node.Conv2d}. */
  public Value conv(
      String name, Value input, Tensor weight, Tensor bias, int stride, Activation activation) {
    return conv(name, input, null, weight, bias, stride, activation);
  }

  /**
   * A convolution to which {@code residual} is added before the activation; see {@link
   * Node.Conv2d}.
   */
  public Value conv(
      String name,
      Value input,
      Value residual,
      Tensor weight,
      Tensor bias,
      int stride,
      Activation activation) {
    require(stride >= 1, name, "stride=" + stride);
    return conv(name, input, residual, weight, bias, ConvGeometry.square(stride), activation);
  }

  /** As {@link #conv(String, Value, Value, Tensor, Tensor, int, Activation)}, of any geometry. */
  public Value conv(
      String name,
      Value input,
      Value residual,
      Tensor weight,
      Tensor bias,
      ConvGeometry geometry,
      Activation activation) {
    FeatureMap in = input.map();
    require(weight.rank() == 4, name, "weight " + weight + " is not (O, I, KF, KT)");
    require(
        weight.extent(1) == in.channels(),
        name,
        "weight inChannels=%d but input channels=%d".formatted(weight.extent(1), in.channels()));
    require(
        weight.extent(2) % 2 == 1 && weight.extent(3) % 2 == 1,
        name,
        "kernel %dx%d has an even extent".formatted(weight.extent(2), weight.extent(3)));
    require(
        bias.hasShape(weight.extent(0)), name, "bias " + bias + " does not fit weight " + weight);
    FeatureMap out =
        new FeatureMap(
            weight.extent(0),
            (in.frequency() + geometry.strideF() - 1) / geometry.strideF(),
            in.timeStride() * geometry.strideT());
    require(
        residual == null || residual.shape().equals(out),
        name,
        "residual %s but output %s".formatted(residual == null ? "" : residual.shape(), out));
    return append(
        new Node.Conv2d(value(name, out), input, residual, weight, bias, geometry, activation));
  }

  /** A scale and a shift for each channel; see {@link Node.ChannelAffine}. */
  public Value affine(String name, Value input, Tensor scale, Tensor shift, Activation activation) {
    FeatureMap in = input.map();
    require(
        scale.hasShape(in.channels()) && shift.hasShape(in.channels()),
        name,
        "scale %s and shift %s do not fit %d channels".formatted(scale, shift, in.channels()));
    return append(new Node.ChannelAffine(value(name, in), input, scale, shift, activation));
  }

  /** (C, F, T) as (C·F, 1, T); see {@link Node.Flatten}. */
  public Value flatten(String name, Value input) {
    FeatureMap in = input.map();
    FeatureMap out = new FeatureMap(in.channels() * in.frequency(), 1, in.timeStride());
    return append(new Node.Flatten(value(name, out), input));
  }

  /** A gate on each channel, from averages over time; see {@link Node.ContextGate}. */
  public Value gate(
      String name,
      Value input,
      Value context,
      int segment,
      Tensor squeezeWeight,
      Tensor squeezeBias,
      Tensor expandWeight,
      Tensor expandBias) {
    FeatureMap in = input.map();
    FeatureMap from = context.map();
    require(
        in.frequency() == 1 && from.frequency() == 1 && in.timeStride() == from.timeStride(),
        name,
        "cannot gate %s by %s".formatted(in, from));
    require(segment >= 0, name, "segment=" + segment);
    int inner = squeezeBias.extent(0);
    require(
        squeezeWeight.hasShape(inner, from.channels())
            && expandWeight.hasShape(in.channels(), inner)
            && expandBias.hasShape(in.channels()),
        name,
        "squeeze %s and expand %s do not fit %d channels gated by %d"
            .formatted(squeezeWeight, expandWeight, in.channels(), from.channels()));
    return append(
        new Node.ContextGate(
            value(name, in),
            input,
            context,
            segment,
            squeezeWeight,
            squeezeBias,
            expandWeight,
            expandBias));
  }

  /** Channels {@code from} to {@code from + count}. */
  public Value slice(String name, Value input, int from, int count) {
    FeatureMap in = input.map();
    require(
        from >= 0 && count >= 1 && from + count <= in.channels(),
        name,
        "channels %d to %d of %d".formatted(from, from + count, in.channels()));
    return append(
        new Node.ChannelSlice(
            value(name, new FeatureMap(count, in.frequency(), in.timeStride())), input, from));
  }

  /** The inputs one behind the other along channels. */
  public Value concat(String name, List<Value> inputs) {
    require(!inputs.isEmpty(), name, "nothing to concatenate");
    FeatureMap first = inputs.get(0).map();
    int channels = 0;
    for (Value input : inputs) {
      FeatureMap map = input.map();
      require(
          map.frequency() == first.frequency() && map.timeStride() == first.timeStride(),
          name,
          "cannot concatenate %s and %s".formatted(first, map));
      channels += map.channels();
    }
    return append(
        new Node.Concat(
            value(name, new FeatureMap(channels, first.frequency(), first.timeStride())), inputs));
  }

  /** Element-wise sum. */
  public Value add(String name, Value a, Value b) {
    require(
        a.shape().equals(b.shape()), name, "cannot add %s and %s".formatted(a.shape(), b.shape()));
    return append(new Node.Add(value(name, a.shape()), a, b));
  }

  /** Attentional feature fusion; see {@link Node.AttentionalFusion}. */
  public Value fuse(
      String name,
      Value x,
      Value y,
      Tensor squeezeWeight,
      Tensor squeezeBias,
      Tensor expandWeight,
      Tensor expandBias) {
    require(
        x.shape().equals(y.shape()), name, "cannot fuse %s and %s".formatted(x.shape(), y.shape()));
    int channels = x.map().channels();
    int inner = squeezeBias.extent(0);
    require(
        squeezeWeight.hasShape(inner, 2 * channels) && expandWeight.hasShape(channels, inner),
        name,
        "squeeze %s and expand %s do not fit %d channels"
            .formatted(squeezeWeight, expandWeight, channels));
    require(
        expandBias.hasShape(channels),
        name,
        "bias " + expandBias + " does not fit " + expandWeight);
    return append(
        new Node.AttentionalFusion(
            value(name, x.shape()), x, y, squeezeWeight, squeezeBias, expandWeight, expandBias));
  }

  /** Statistics over time; see {@link Node.StatisticsPooling}. */
  public Value pool(String name, Value input, Statistics statistics, double epsilon) {
    FeatureMap in = input.map();
    require(epsilon >= 0, name, "epsilon=" + epsilon);
    Vector out = new Vector(in.channels() * in.frequency() * statistics.count());
    return append(new Node.StatisticsPooling(value(name, out), input, statistics, epsilon));
  }

  /** Attentive statistics pooling; see {@link Node.AttentivePooling}. */
  public Value attentivePool(
      String name,
      Value input,
      Tensor hiddenWeight,
      Tensor hiddenBias,
      Tensor scoreWeight,
      Tensor scoreBias) {
    FeatureMap in = input.map();
    int rows = in.channels() * in.frequency();
    int hidden = hiddenBias.extent(0);
    require(
        hiddenWeight.hasShape(hidden, rows)
            && scoreWeight.hasShape(rows, hidden)
            && scoreBias.hasShape(rows),
        name,
        "hidden %s, score %s do not fit %d rows".formatted(hiddenWeight, scoreWeight, rows));
    return append(
        new Node.AttentivePooling(
            value(name, new Vector(2 * rows)),
            input,
            hiddenWeight,
            hiddenBias,
            scoreWeight,
            scoreBias));
  }

  /** Attentive statistics pooling with global context; see {@link Node.ContextAttentivePooling}. */
  public Value contextAttentivePool(
      String name,
      Value input,
      Tensor hiddenWeight,
      Tensor hiddenBias,
      Tensor normScale,
      Tensor normShift,
      Tensor scoreWeight,
      Tensor scoreBias) {
    FeatureMap in = input.map();
    int channels = in.channels();
    int hidden = hiddenBias.extent(0);
    require(in.frequency() == 1, name, "cannot pool %s: F must be 1".formatted(in));
    require(
        hiddenWeight.hasShape(hidden, 3 * channels)
            && normScale.hasShape(hidden)
            && normShift.hasShape(hidden)
            && scoreWeight.hasShape(channels, hidden)
            && scoreBias.hasShape(channels),
        name,
        "hidden %s, norm %s and %s, score %s do not fit %d channels"
            .formatted(hiddenWeight, normScale, normShift, scoreWeight, channels));
    return append(
        new Node.ContextAttentivePooling(
            value(name, new Vector(2 * channels)),
            input,
            hiddenWeight,
            hiddenBias,
            normScale,
            normShift,
            scoreWeight,
            scoreBias));
  }

  /** Fully connected layer; see {@link Node.Linear}. */
  public Value linear(String name, Value input, Tensor weight, Tensor bias, Activation activation) {
    int in = input.vector().size();
    require(
        weight.rank() == 2 && weight.extent(1) == in,
        name,
        "weight %s but input size=%d".formatted(weight, in));
    require(
        bias.hasShape(weight.extent(0)), name, "bias " + bias + " does not fit weight " + weight);
    return append(
        new Node.Linear(
            value(name, new Vector(weight.extent(0))), input, weight, bias, activation));
  }

  /** The graph; its last node must compute a vector, the embedding. */
  public Graph build() {
    Graph graph = new Graph(nodes);
    require(
        graph.output().shape() instanceof Vector,
        graph.output().name(),
        "the last node must compute a vector, not " + graph.output().shape());
    return graph;
  }

  private Value value(String name, Shape shape) {
    require(names.add(name), name, "a node of this name exists already");
    return new Value(nodes.size(), name, shape);
  }

  private Value append(Node node) {
    nodes.add(node);
    return node.output();
  }

  private static void require(boolean condition, String name, String message) {
    if (!condition) {
      throw new IllegalArgumentException(name + ": " + message);
    }
  }
}
