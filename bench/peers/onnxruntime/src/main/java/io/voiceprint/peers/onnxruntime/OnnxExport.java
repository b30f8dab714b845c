package io.voiceprint.peers.onnxruntime;

import static io.voiceprint.peers.onnxruntime.OnnxGraph.integer;
import static io.voiceprint.peers.onnxruntime.OnnxGraph.integers;

import io.voiceprint.checkpoint.onnx.OnnxProto.AttributeProto;
import io.voiceprint.checkpoint.onnx.OnnxProto.ModelProto;
import io.voiceprint.graph.Activation;
import io.voiceprint.graph.ConvGeometry;
import io.voiceprint.graph.Graph;
import io.voiceprint.graph.Node;
import io.voiceprint.graph.Tensor;
import io.voiceprint.graph.Value;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes a graph as a plain ONNX file, operator for operator as {@code torch.onnx.export} with
 * constant folding (PyTorch 1.13, operator set 11) writes the network it stands for, batch norm
 * folded: so a runtime that fuses what it knows finds what it would find in a user's file.
 *
 * <p>Input {@code feature} (N, T, F), one output (N, D); N and T are free.
 */
final class OnnxExport {
  private static final List<AttributeProto> NONE = List.of();
  private static final List<AttributeProto> CHANNELS = List.of(integer("axis", 1));

  private final OnnxGraph onnx = new OnnxGraph();
  private final Graph graph;
  private final Map<Integer, String> names = new HashMap<>();

  private OnnxExport(Graph graph) {
    this.graph = graph;
  }

  /**
   * Writes a file.
   *
   * @throws IllegalArgumentException if the network has an operation that this cannot write
   */
  static void write(Graph graph, Path file) throws IOException {
    ModelProto model = new OnnxExport(graph).export();
    try (OutputStream out = Files.newOutputStream(file)) {
      model.writeTo(out);
    }
  }

  private ModelProto export() {
    for (Node node : graph.nodes()) {
      names.put(node.output().id(), write(node));
    }
    onnx.output(name(graph.output()), "batch_size", String.valueOf(graph.embeddingSize()));
    return onnx.build();
  }

  private String name(Value value) {
    return names.get(value.id());
  }

  private String write(Node node) {
    if (node instanceof Node.Input input) {
      return input(input);
    } else if (node instanceof Node.Conv2d conv) {
      return conv(conv);
    } else if (node instanceof Node.ChannelSlice slice) {
      return slice(slice);
    } else if (node instanceof Node.Concat concat) {
      List<String> inputs = concat.inputs().stream().map(this::name).toList();
      return onnx.op("Concat", node.name(), CHANNELS, inputs, List.of(node.name())).get(0);
    } else if (node instanceof Node.Add add) {
      return onnx.op("Add", node.name(), NONE, name(add.a()), name(add.b()));
    } else if (node instanceof Node.AttentionalFusion fusion) {
      return fuse(fusion);
    } else if (node instanceof Node.StatisticsPooling pooling) {
      return new OnnxPooling(onnx, node.name(), name(pooling.input())).write(pooling);
    } else if (node instanceof Node.AttentivePooling pooling) {
      return new OnnxPooling(onnx, node.name(), name(pooling.input())).write(pooling);
    } else if (node instanceof Node.Linear linear) {
      return linear(linear);
    }
    throw new IllegalArgumentException(
        "%s: a %s cannot be written as ONNX"
            .formatted(node.name(), node.getClass().getSimpleName()));
  }

  private String input(Node.Input input) {
    String bins = String.valueOf(input.output().map().frequency());
    String feature = onnx.input("feature", "batch_size", "frame_num", bins);
    String turned = onnx.op("Transpose", "transpose", List.of(integers("perm", 0, 2, 1)), feature);
    return onnx.op("Unsqueeze", "unsqueeze", List.of(integers("axes", 1)), turned);
  }

  private String conv(Node.Conv2d conv) {
    String name = conv.name();
    long padF = (conv.kernelF() - 1) / 2;
    long padT = conv.radiusT();
    ConvGeometry geometry = conv.geometry();
    if (geometry.padding() != ConvGeometry.Padding.ZERO) {
      throw new IllegalArgumentException(
          name + ": a convolution that mirrors its input cannot be written as ONNX");
    }
    List<AttributeProto> attributes =
        List.of(
            integers("dilations", 1, geometry.dilationT()),
            integer("group", 1),
            integers("kernel_shape", conv.kernelF(), conv.kernelT()),
            integers("pads", padF, padT, padF, padT),
            integers("strides", geometry.strideF(), geometry.strideT()));
    List<String> inputs = new ArrayList<>();
    inputs.add(name(conv.input()));
    inputs.add(onnx.weights(name + ".weight", conv.weight()));
    // The graph gives every convolution a bias; the original networks' downsampling has none.
    if (!isZero(conv.bias())) {
      inputs.add(onnx.weights(name + ".bias", conv.bias()));
    }
    String sum =
        onnx.op("Conv", name + "/conv", attributes, inputs, List.of(name + "/conv")).get(0);
    if (conv.residual() != null) {
      sum = onnx.op("Add", name + "/add", NONE, sum, name(conv.residual()));
    }
    return activation(name, conv.activation(), sum);
  }

  private static boolean isZero(Tensor tensor) {
    for (float value : tensor.data()) {
      if (value != 0) {
        return false;
      }
    }
    return true;
  }

  private String activation(String name, Activation activation, String x) {
    return switch (activation) {
      case NONE -> x;
      case RELU -> onnx.op("Relu", name + "/relu", NONE, x);
      case RELU20 -> onnx.op("Clip", name + "/clip", NONE, x, onnx.scalar(0), onnx.scalar(20));
    };
  }

  /** All parts of one input come from one operator, written where the first of them is wanted. */
  private String slice(Node.ChannelSlice first) {
    if (names.containsKey(first.output().id())) {
      return name(first.output());
    }
    List<Node.ChannelSlice> parts = new ArrayList<>();
    int channels = 0;
    for (Node node : graph.nodes()) {
      if (node instanceof Node.ChannelSlice slice && slice.input().equals(first.input())) {
        if (slice.from() != channels) {
          throw new IllegalArgumentException(
              "%s: channels from %d do not join those before"
                  .formatted(slice.name(), slice.from()));
        }
        parts.add(slice);
        channels += slice.output().map().channels();
      }
    }
    if (channels != first.input().map().channels()) {
      throw new IllegalArgumentException(
          "%s: the slices of %s leave channels out".formatted(first.name(), first.input().name()));
    }
    long[] widths = parts.stream().mapToLong(part -> part.output().map().channels()).toArray();
    onnx.op(
        "Split",
        first.input().name() + "/split",
        List.of(integer("axis", 1), integers("split", widths)),
        List.of(name(first.input())),
        parts.stream().map(Node::name).toList());
    parts.forEach(part -> names.put(part.output().id(), part.name()));
    return first.name();
  }

  private String fuse(Node.AttentionalFusion fusion) {
    String name = fusion.name();
    int channels = fusion.output().map().channels();
    int inner = fusion.innerChannels();
    String x = name(fusion.x());
    String y = name(fusion.y());
    String joined = onnx.op("Concat", name + "/concat", CHANNELS, x, y);
    String squeezed =
        pointwise(
            name + "/squeeze",
            joined,
            onnx.weights(
                name + ".squeeze.weight", fusion.squeezeWeight(), inner, 2 * channels, 1, 1),
            onnx.weights(name + ".squeeze.bias", fusion.squeezeBias()));
    String sigmoid = onnx.op("Sigmoid", name + "/sigmoid", NONE, squeezed);
    String expanded =
        pointwise(
            name + "/expand",
            onnx.op("Mul", name + "/silu", NONE, squeezed, sigmoid),
            onnx.weights(name + ".expand.weight", fusion.expandWeight(), channels, inner, 1, 1),
            onnx.weights(name + ".expand.bias", fusion.expandBias()));
    String tanh = onnx.op("Tanh", name + "/tanh", NONE, expanded);
    String shareX = onnx.op("Add", name + "/share_x", NONE, tanh, onnx.scalar(1));
    String shareY = onnx.op("Sub", name + "/share_y", NONE, onnx.scalar(2), shareX);
    return onnx.op(
        "Add",
        name,
        NONE,
        onnx.op("Mul", name + "/x", NONE, x, shareX),
        onnx.op("Mul", name + "/y", NONE, y, shareY));
  }

  private String pointwise(String name, String x, String weight, String bias) {
    List<AttributeProto> attributes =
        List.of(
            integers("dilations", 1, 1),
            integer("group", 1),
            integers("kernel_shape", 1, 1),
            integers("pads", 0, 0, 0, 0),
            integers("strides", 1, 1));
    return onnx.op("Conv", name, attributes, x, weight, bias);
  }

  private String linear(Node.Linear linear) {
    String name = linear.name();
    String sum =
        onnx.op(
            "Gemm",
            name,
            List.of(integer("transB", 1)),
            name(linear.input()),
            onnx.weights(name + ".weight", linear.weight()),
            onnx.weights(name + ".bias", linear.bias()));
    return activation(name, linear.activation(), sum);
  }
}
