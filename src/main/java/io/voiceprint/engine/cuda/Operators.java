package io.voiceprint.engine.cuda;

import io.voiceprint.cuda.MathMode;
import io.voiceprint.engine.UnsupportedNetworkException;
import io.voiceprint.graph.Graph;
import io.voiceprint.graph.Node;
import io.voiceprint.graph.Shape.FeatureMap;
import io.voiceprint.graph.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Prepares the operators of a graph. */
final class Operators {
  /** Up to this many channels a fusion runs in one kernel, unless a tuning says otherwise. */
  private static final int FUSED_CHANNELS = 64;

  static final String FUSED = "fused";
  static final String FUSED_MMA = "fused-mma";
  static final String PRODUCTS = "products";

  private final KernelSet kernels;
  private final ValueStorage storage;
  private final WeightStore weights;
  private final Tuning tuning;
  private final ConvImplementations convolutions;

  private Operators(KernelSet kernels, ValueStorage storage, WeightStore weights, Tuning tuning) {
    this.kernels = kernels;
    this.storage = storage;
    this.weights = weights;
    this.tuning = tuning;
    this.convolutions = new ConvImplementations(kernels, weights, tuning);
  }

  /**
   * The operator of each node.
   *
   * @throws UnsupportedNetworkException if a node is beyond what the kernels compute
   */
  static List<Operator> of(
      Graph graph,
      KernelSet kernels,
      ValueStorage storage,
      WeightStore weights,
      Tuning tuning,
      WaveInput input) {
    Operators operators = new Operators(kernels, storage, weights, tuning);
    List<Operator> all = new ArrayList<>();
    for (Node node : graph.nodes()) {
      all.add(
          node instanceof Node.Input
              ? new InputOperator(input, node.output())
              : operators.of(node));
    }
    return all;
  }

  /**
   * What there is to choose from: of each layer of a graph that has a choice, by its name in a
   * tuning file.
   *
   * @param libraries whether the implementations of the libraries are wanted too
   */
  static Map<String, Candidates> layers(
      Graph graph, KernelSet kernels, ValueStorage storage, boolean libraries) {
    Operators operators = new Operators(kernels, storage, new WeightStore(), Tuning.NONE);
    Map<String, Candidates> layers = new TreeMap<>();
    for (Node node : graph.nodes()) {
      List<String> name = List.of(node.name());
      if (node instanceof Node.Conv2d conv && conv.input().id() != 0) {
        ConvLayer layer = operators.layer(conv);
        layers.merge(
            layer.key(kernels.mode()),
            new Candidates(
                name,
                operators.convolutions.candidates(layer, libraries),
                operators.convolutions.obstacles(layer, libraries)),
            Candidates::and);
      } else if (node instanceof Node.AttentionalFusion fusion) {
        layers.merge(
            operators.fusionKey(fusion),
            new Candidates(
                name, operators.fusionChoices(fusion), operators.fusionObstacles(fusion)),
            Candidates::and);
      }
    }
    return layers;
  }

  /** The name of a node's layer in a tuning file; empty if there is nothing to choose. */
  static Optional<String> key(Node node, KernelSet kernels, ValueStorage storage) {
    Operators operators = new Operators(kernels, storage, new WeightStore(), Tuning.NONE);
    if (node instanceof Node.Conv2d conv && conv.input().id() != 0) {
      return Optional.of(operators.layer(conv).key(kernels.mode()));
    }
    return node instanceof Node.AttentionalFusion fusion
        ? Optional.of(operators.fusionKey(fusion))
        : Optional.empty();
  }

  private Operator of(Node node) {
    if (node instanceof Node.ChannelSlice) {
      return (row, launches) -> {};
    }
    for (Value input : node.inputs()) {
      if (input.id() == 0 && !(node instanceof Node.Conv2d || node instanceof Node.Flatten)) {
        throw unsupported(node, "the features are read by a convolution or flattened");
      }
    }
    if (node instanceof Node.Conv2d conv) {
      return conv.input().id() == 0 ? stem(conv) : convolution(conv);
    }
    if (node instanceof Node.Concat concat) {
      return new ConcatOperator(concat, kernels.epilogue);
    }
    if (node instanceof Node.Add add) {
      return new AddOperator(add, kernels.epilogue);
    }
    if (node instanceof Node.AttentionalFusion fusion) {
      return fusion(fusion);
    }
    if (node instanceof Node.StatisticsPooling pooling) {
      return new StatisticsOperator(
          pooling,
          kernels.statsPool,
          new ContiguousInput(pooling, pooling.input(), kernels, storage, weights));
    }
    if (node instanceof Node.AttentivePooling pooling) {
      requireContiguous(pooling, pooling.input());
      return new AttentiveOperator(pooling, kernels.attentivePool, weights);
    }
    if (node instanceof Node.ContextAttentivePooling pooling) {
      return new ContextAttentiveOperator(
          pooling,
          kernels,
          new ContiguousInput(pooling, pooling.input(), kernels, storage, weights),
          weights,
          convolutions);
    }
    if (node instanceof Node.ChannelAffine affine) {
      return new AffineOperator(affine, kernels.epilogue, storage.layout(affine.output()), weights);
    }
    if (node instanceof Node.Flatten flatten) {
      return new FlattenOperator(flatten, kernels.flatten, storage, weights);
    }
    if (node instanceof Node.ContextGate gate) {
      return new ContextGateOperator(gate, kernels.contextGate, storage, weights);
    }
    if (node instanceof Node.Linear linear) {
      return new LinearOperator(linear, kernels, weights);
    }
    throw new AssertionError(node);
  }

  private Operator stem(Node.Conv2d conv) {
    if (!StemOperator.supports(conv)) {
      throw unsupported(conv, "the features are read by a 3x3 convolution of stride 1 alone");
    }
    ChannelLayout out = storage.layout(conv.output());
    return new StemOperator(
        conv,
        kernels.stemConv,
        weights.floats(WeightPacking.taps(conv.weight(), out)),
        weights.floats(WeightPacking.vector(conv.bias(), out)));
  }

  private Operator convolution(Node.Conv2d conv) {
    ChannelLayout in = storage.layout(conv.input());
    ChannelLayout out = storage.layout(conv.output());
    return new ConvolutionOperator(
        conv,
        convolutions.create(
            conv.name(), layer(conv), conv.weight(), conv.bias(), in, out, conv.activation()));
  }

  private ConvLayer layer(Node.Conv2d conv) {
    FeatureMap map = conv.input().map();
    return new ConvLayer(
        map.frequency(),
        map.timeStride(),
        storage.layout(conv.input()).width(),
        storage.layout(conv.output()).width(),
        conv.kernelF(),
        conv.kernelT(),
        conv.geometry());
  }

  private Operator fusion(Node.AttentionalFusion fusion) {
    ChannelLayout layout = storage.layout(fusion.output());
    List<String> possible = fusionChoices(fusion);
    String choice = tuning.choice(fusionKey(fusion)).orElse(possible.get(0));
    if (!possible.contains(choice)) {
      throw new UnknownChoiceException(fusion.name(), choice, fusionKey(fusion), possible);
    }
    return switch (choice) {
      case FUSED -> FusedFusion.plain(fusion, kernels.aff, layout, weights);
      case FUSED_MMA -> FusedFusion.onTensorCores(fusion, kernels, layout, weights);
      default -> new ProductFusion(fusion, kernels, layout, weights, convolutions);
    };
  }

  /** The usual one first. */
  private List<String> fusionChoices(Node.AttentionalFusion fusion) {
    List<String> names = new ArrayList<>(oneKernelFusions());
    names.removeAll(fusionObstacles(fusion).keySet());
    boolean narrow = storage.layout(fusion.output()).width() <= FUSED_CHANNELS;
    names.add(narrow && names.contains(FUSED) ? names.size() : 0, PRODUCTS);
    return names;
  }

  private Map<String, String> fusionObstacles(Node.AttentionalFusion fusion) {
    int channels = storage.layout(fusion.output()).width();
    int inner = fusion.innerChannels();
    Map<String, String> obstacles = new TreeMap<>();
    for (String name : oneKernelFusions()) {
      (name.equals(FUSED)
              ? kernels.aff.obstacle(channels, inner)
              : kernels.affMma.obstacle(channels, inner))
          .ifPresent(why -> obstacles.put(name, why));
    }
    return obstacles;
  }

  /** Tensor cores do not take float32. */
  private List<String> oneKernelFusions() {
    return kernels.mode() == MathMode.FP32 ? List.of(FUSED) : List.of(FUSED, FUSED_MMA);
  }

  /** The layer's name in a tuning file. */
  private String fusionKey(Node.AttentionalFusion fusion) {
    FeatureMap map = fusion.output().map();
    return String.format(
        Locale.ROOT,
        "fusion %s F%d T/%d C%d R%d",
        kernels.mode(),
        map.frequency(),
        map.timeStride(),
        storage.layout(fusion.output()).width(),
        fusion.innerChannels());
  }

  private void requireContiguous(Node node, Value input) {
    if (!storage.layout(input).isContiguous()) {
      throw unsupported(node, input.name() + " is cut into parts that are no multiples of 8");
    }
  }

  static UnsupportedNetworkException unsupported(Node node, String what) {
    return new UnsupportedNetworkException("CUDA", node, what);
  }
}
