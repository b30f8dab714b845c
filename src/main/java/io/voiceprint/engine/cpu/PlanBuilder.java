package io.voiceprint.engine.cpu;

import io.voiceprint.engine.EngineException;
import io.voiceprint.engine.cpu.Primitives.Window;
import io.voiceprint.graph.Graph;
import io.voiceprint.graph.Node;
import io.voiceprint.graph.Shape.FeatureMap;
import io.voiceprint.graph.Shape.Vector;
import io.voiceprint.graph.Tensor;
import io.voiceprint.graph.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.global.dnnl.algorithm;

/** Turns a graph into a {@link Plan} for utterances of up to a number of frames. */
final class PlanBuilder {
  /** What variances are raised to in {@link Node.AttentivePooling}. */
  private static final double ATTENTION_FLOOR = 1e-10;

  private final Graph graph;
  private final Placement placement;
  private final Layout layout;
  private final DataType type;
  private final int frames;
  private final Owned owned = new Owned();
  private final Primitives primitives;
  private final Map<Integer, Block> roots = new HashMap<>();
  private final List<Block> blocks = new ArrayList<>();
  private final Region[] regions; // per value
  private final TemporalNodes temporal;
  private final List<List<Step>> steps = new ArrayList<>(); // per node

  PlanBuilder(
      Graph graph,
      Placement placement,
      Layout layout,
      DataType type,
      int frames,
      engine cpu,
      Weights weights) {
    this.graph = graph;
    this.placement = placement;
    this.layout = layout;
    this.type = type;
    this.frames = frames;
    this.primitives = new Primitives(cpu, weights, owned);
    this.regions = new Region[graph.nodes().size()];
    this.temporal = new TemporalNodes(primitives, placement, layout, this::of, this::buffer);
  }

  /**
   * @throws EngineException if oneDNN cannot do what a node asks for
   */
  Plan build() {
    try {
      for (Node node : graph.nodes()) {
        plan(node);
      }
    } catch (RuntimeException e) {
      owned.close();
      throw e;
    }
    Block scratchpad = block(primitives.scratchpadBytes(), 0, graph.nodes().size());
    return new Plan(
        steps,
        regions,
        Block.place(blocks),
        primitives.bindings(),
        primitives.scratchpads(),
        scratchpad,
        owned);
  }

  private void plan(Node node) {
    int id = node.output().id();
    Region region = region(node.output());
    regions[id] = region;
    steps.add(new ArrayList<>());
    try {
      add(node, steps.get(id));
    } catch (RuntimeException e) {
      throw new EngineException(
          "%s (%s) for %d frames: oneDNN says: %s"
              .formatted(node.name(), node.output().shape(), frames, e.getMessage()),
          e);
    }
    int tail = region.time() > 1 ? placement.tailRows(node.output()) : 0;
    if (tail > 0 && !(node instanceof Node.ChannelSlice)) {
      steps.get(id).add(new TailZeros(region, node.output().map(), tail));
    }
  }

  private Block block(long bytes, int first, int last) {
    Block block = new Block(bytes, first, last);
    blocks.add(block);
    return block;
  }

  private Region region(Value value) {
    int id = value.id();
    if (value.shape() instanceof Vector vector) {
      boolean embedding = value.equals(graph.output());
      DataType stored = embedding ? DataType.FP32 : type;
      Block own = block((long) vector.size() * stored.bytes(), id, embedding ? id : lastReader(id));
      return new Region(own, 0, vector.size(), 1, 1, stored, Layout.CHANNELS_LAST);
    }
    FeatureMap map = value.map();
    int time = map.time(frames);
    if (value.equals(graph.input())) {
      Block own = block(Float.BYTES * map.elements(frames), id, lastReader(id));
      return new Region(own, 0, 1, time, map.frequency(), DataType.FP32, layout);
    }
    Placement.Spot spot = placement.spot(value);
    long rowBytes = (long) time * map.frequency() * type.bytes();
    Block root = roots.computeIfAbsent(spot.root(), r -> root(r, rowBytes));
    return new Region(
        root,
        spot.channelOffset() * rowBytes,
        placement.of(value).physical(),
        time,
        map.frequency(),
        type,
        layout);
  }

  private Block root(int root, long channelBytes) {
    Value owner = graph.nodes().get(root).output();
    return block(
        placement.of(owner).physical() * channelBytes,
        placement.firstWritten(root),
        placement.lastRead(root));
  }

  private int lastReader(int id) {
    int last = id;
    for (Node node : graph.nodes()) {
      for (Value input : node.inputs()) {
        if (input.id() == id) {
          last = Math.max(last, node.output().id());
        }
      }
    }
    return last;
  }

  /** A region that one node alone needs, shaped like a value's. */
  private Region temporary(int node, int channels, Region shape, DataType stored) {
    long bytes = (long) channels * shape.time() * shape.frequency() * stored.bytes();
    return new Region(
        block(bytes, node, node), 0, channels, shape.time(), shape.frequency(), stored, layout);
  }

  /** A region of a shape that one node alone needs. */
  private Region buffer(int node, Region shape) {
    return new Region(
        block(shape.groups() * shape.groupBytes(), node, node),
        0,
        shape.channels(),
        shape.time(),
        shape.frequency(),
        shape.type(),
        shape.layout());
  }

  private void add(Node node, List<Step> into) {
    int id = node.output().id();
    if (node instanceof Node.Input) {
      return;
    }
    if (node instanceof Node.Conv2d conv) {
      convolve(conv, into);
    } else if (node instanceof Node.ChannelSlice slice) {
      if (!layout.hasChannelViews()) {
        int begin = placement.of(slice.input()).position()[slice.from()];
        into.add(
            primitives.copy(
                node.name(),
                of(slice.input()),
                begin,
                of(node.output()),
                0,
                of(node.output()).channels()));
      }
    } else if (node instanceof Node.Concat concat) {
      concatenate(concat, into);
    } else if (node instanceof Node.Add sum) {
      into.add(
          primitives.binary(
              node.name(),
              algorithm.binary_add,
              of(sum.a()),
              temporal.paddedAs(sum.b(), sum.output(), into),
              regions[id]));
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
              regions[id]));
    } else if (node instanceof Node.AttentivePooling pooling) {
      attend(pooling, into);
    } else if (node instanceof Node.Linear linear) {
      into.add(
          primitives.fullyConnected(
              node.name(),
              of(linear.input()),
              regions[id],
              linear.weight(),
              linear.bias(),
              new PostOps().activation(linear.activation())));
    } else {
      throw new AssertionError(node);
    }
  }

  private Region of(Value value) {
    return regions[value.id()];
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
        widened ? temporary(conv.output().id(), to.channels(), to, DataType.FP32) : to;
    into.add(
        primitives.convolution(
            conv.name(),
            temporal.padded(conv, into),
            computed,
            Window.of(conv),
            () -> Weights.physical(conv.weight(), out, in),
            () -> Weights.physical(conv.bias(), out),
            postOps));
    if (widened) {
      into.add(primitives.copy(conv.name() + ".rounded", computed, 0, to, 0, to.channels()));
    }
  }

  private void concatenate(Node.Concat concat, List<Step> into) {
    Region to = of(concat.output());
    int offset = 0;
    for (Value input : concat.inputs()) {
      Region from = of(input);
      if (!placement.lies(input, concat.output(), offset)) {
        into.add(primitives.copy(concat.name(), from, 0, to, offset, from.channels()));
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
    Region difference = temporary(id, outer.physical(), x, type);
    Region fromX = temporary(id, inner.physical(), x, DataType.FP32);
    Region hidden = temporary(id, inner.physical(), x, type);
    into.add(
        primitives.convolution(
            name + ".squeeze.x",
            x,
            fromX,
            Window.pixel(),
            () -> squeeze(fusion, 0, inner, outer),
            () -> Weights.physical(fusion.squeezeBias(), inner),
            new PostOps()));
    into.add(
        primitives.convolution(
            name + ".squeeze.y",
            y,
            hidden,
            Window.pixel(),
            () -> squeeze(fusion, outer.count(), inner, outer),
            null,
            new PostOps().add(fromX).silu()));
    into.add(primitives.binary(name + ".difference", algorithm.binary_sub, x, y, difference));
    into.add(
        primitives.convolution(
            name + ".expand",
            hidden,
            of(fusion.output()),
            Window.pixel(),
            () ->
                Weights.physical(
                    Weights.columns(fusion.expandWeight(), 0, fusion.innerChannels()),
                    outer,
                    inner),
            () -> Weights.physical(fusion.expandBias(), outer),
            new PostOps().tanh().multiply(difference).add(x).add(y)));
  }

  private static Tensor squeeze(
      Node.AttentionalFusion fusion, int from, Channels inner, Channels outer) {
    return Weights.physical(
        Weights.columns(fusion.squeezeWeight(), from, outer.count()), inner, outer);
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
    Region hidden = temporary(id, inner.physical(), column, type);
    Region scores = temporary(id, outer.physical(), column, DataType.FP32);
    into.add(
        primitives.convolution(
            pooling.name() + ".hidden",
            in,
            hidden,
            Window.column(map.frequency()),
            () ->
                Weights.physical(
                    Tensor.of(
                        pooling.hiddenWeight().data(),
                        hiddenUnits,
                        map.channels(),
                        map.frequency(),
                        1),
                    inner,
                    channels),
            () -> Weights.physical(pooling.hiddenBias(), inner),
            new PostOps().tanh()));
    into.add(
        primitives.convolution(
            pooling.name() + ".scores",
            hidden,
            scores,
            Window.pixel(),
            () ->
                Weights.physical(
                    Weights.columns(pooling.scoreWeight(), 0, hiddenUnits), outer, inner),
            () -> Weights.physical(pooling.scoreBias(), outer),
            new PostOps()));
    into.add(new AttentivePooling(in, scores, map, channels, outer, ATTENTION_FLOOR, regions[id]));
  }
}
