package io.voiceprint.model;

import com.google.protobuf.ByteString;
import io.voiceprint.checkpoint.onnx.OnnxProto.AttributeProto;
import io.voiceprint.checkpoint.onnx.OnnxProto.GraphProto;
import io.voiceprint.checkpoint.onnx.OnnxProto.ModelProto;
import io.voiceprint.checkpoint.onnx.OnnxProto.NodeProto;
import io.voiceprint.checkpoint.onnx.OnnxProto.TensorProto;
import io.voiceprint.graph.Activation;
import io.voiceprint.graph.Graph;
import io.voiceprint.graph.Node;
import io.voiceprint.graph.Tensor;
import io.voiceprint.graph.Value;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Writes a graph as {@code torch.onnx.export} (operator set 11) writes the network it stands for,
 * batch norm folded, all values and initialisers anonymous: so the import can be tested with any
 * architecture and any damage.
 */
final class OnnxExport {
  private final GraphProto.Builder graph = GraphProto.newBuilder();
  private final Map<Integer, String> values = new HashMap<>();
  private final Map<Integer, List<String>> splits = new HashMap<>();
  private int names;

  private OnnxExport() {}

  static ModelProto.Builder of(Graph network) {
    OnnxExport export = new OnnxExport();
    for (Node node : network.nodes()) {
      export.values.put(node.output().id(), export.write(node));
    }
    export.graph.addOutputBuilder().setName(export.value(network.output()));
    return ModelProto.newBuilder().setIrVersion(6).setGraph(export.graph);
  }

  private String write(Node node) {
    if (node instanceof Node.Input input) {
      return input(input.output().map().frequency());
    } else if (node instanceof Node.Conv2d conv) {
      String sum = conv(value(conv.input()), conv.weight(), conv.bias(), conv.geometry().strideT());
      if (conv.residual() != null) {
        sum = op("Add", List.of(), sum, value(conv.residual()));
      }
      return activation(conv.activation(), sum);
    } else if (node instanceof Node.ChannelSlice slice) {
      return slice(slice);
    } else if (node instanceof Node.Concat concat) {
      return op(
          "Concat",
          List.of(integers("axis", 1)),
          concat.inputs().stream().map(this::value).toArray(String[]::new));
    } else if (node instanceof Node.Add add) {
      return op("Add", List.of(), value(add.a()), value(add.b()));
    } else if (node instanceof Node.AttentionalFusion fusion) {
      return fuse(fusion);
    } else if (node instanceof Node.StatisticsPooling pool) {
      return pool(pool);
    } else if (node instanceof Node.AttentivePooling pool) {
      return pool(pool);
    } else if (node instanceof Node.Linear linear) {
      String result =
          op(
              "Gemm",
              List.of(number("alpha", 1), number("beta", 1), integers("transB", 1)),
              value(linear.input()),
              tensor(linear.weight()),
              tensor(linear.bias()));
      return activation(linear.activation(), result);
    }
    throw new AssertionError(node);
  }

  private String input(int melBins) {
    var shape = graph.addInputBuilder().setName("f").getTypeBuilder().getTensorTypeBuilder();
    shape.getShapeBuilder().addDimBuilder().setDimParam("batch");
    shape.getShapeBuilder().addDimBuilder().setDimParam("frames");
    shape.getShapeBuilder().addDimBuilder().setDimValue(melBins);
    String transposed = op("Transpose", List.of(integers("perm", 0, 2, 1)), "f");
    return op("Unsqueeze", List.of(integers("axes", 1)), transposed);
  }

  private String conv(String x, Tensor weight, Tensor bias, int stride) {
    int dimensions = weight.rank() - 2;
    long[] pads = new long[2 * dimensions];
    Arrays.fill(pads, (weight.extent(2) - 1) / 2);
    long[] strides = new long[dimensions];
    Arrays.fill(strides, stride);
    List<AttributeProto> attributes =
        List.of(integers("group", 1), integers("pads", pads), integers("strides", strides));
    boolean biased = IntStream.range(0, bias.extent(0)).anyMatch(i -> bias.data()[i] != 0);
    return biased
        ? op("Conv", attributes, x, tensor(weight), tensor(bias))
        : op("Conv", attributes, x, tensor(weight));
  }

  private String activation(Activation activation, String x) {
    return switch (activation) {
      case RELU -> op("Relu", List.of(), x);
      case RELU20 -> op("Clip", List.of(), x, constant(0), constant(20));
      default -> x;
    };
  }

  private String slice(Node.ChannelSlice slice) {
    int width = slice.output().map().channels();
    List<String> parts =
        splits.computeIfAbsent(
            slice.input().id(),
            id -> {
              int count = slice.input().map().channels() / width;
              List<String> outputs =
                  IntStream.range(0, count).mapToObj(i -> "v" + names++).toList();
              long[] sizes = IntStream.range(0, count).mapToLong(i -> width).toArray();
              graph
                  .addNodeBuilder()
                  .setOpType("Split")
                  .addInput(value(slice.input()))
                  .addAllOutput(outputs)
                  .addAttribute(integers("axis", 1))
                  .addAttribute(integers("split", sizes));
              return outputs;
            });
    return parts.get(slice.from() / width);
  }

  private String fuse(Node.AttentionalFusion fusion) {
    String x = value(fusion.x());
    String y = value(fusion.y());
    String joined = op("Concat", List.of(integers("axis", 1)), x, y);
    String squeezed = conv(joined, kernel(fusion.squeezeWeight()), fusion.squeezeBias(), 1);
    String silu = op("Mul", List.of(), squeezed, op("Sigmoid", List.of(), squeezed));
    String gate =
        op("Tanh", List.of(), conv(silu, kernel(fusion.expandWeight()), fusion.expandBias(), 1));
    String gateX = op("Add", List.of(), gate, constant(1));
    String scaledX = op("Mul", List.of(), x, gateX);
    String gateY = op("Sub", List.of(), constant(2), gateX);
    return op("Add", List.of(), scaledX, op("Mul", List.of(), y, gateY));
  }

  private String pool(Node.StatisticsPooling pool) {
    String x = value(pool.input());
    List<AttributeProto> last = List.of(integers("axes", -1), integers("keepdims", 0));
    AttributeProto axis = integers("axis", 1);
    String mean = op("ReduceMean", last, x);
    String flatMean = op("Flatten", List.of(axis), mean);
    if (!pool.statistics().hasStandardDeviation()) {
      return flatMean;
    }
    String kept = op("ReduceMean", List.of(integers("axes", -1), integers("keepdims", 1)), x);
    String gathered =
        op("Gather", List.of(integers("axis", 0)), op("Shape", List.of(), x), wholeConstant(-1));
    String frames =
        op(
            "Cast",
            List.of(integers("to", 1)),
            op("ReduceProd", List.of(integers("keepdims", 0)), gathered));
    String centred = op("Sub", List.of(), x, kept);
    String squares = op("ReduceMean", last, op("Mul", List.of(), centred, centred));
    String variance =
        op(
            "Div",
            List.of(),
            op("Mul", List.of(), squares, frames),
            op("Sub", List.of(), frames, constant(1)));
    String deviation = op("Sqrt", List.of(), op("Add", List.of(), variance, constant(1e-8f)));
    String flat = op("Flatten", List.of(axis), deviation);
    return pool.statistics().hasMean() ? op("Concat", List.of(axis), flatMean, flat) : flat;
  }

  private String pool(Node.AttentivePooling pool) {
    String rows = op("Reshape", List.of(), value(pool.input()), wholeConstant(0, -1, 1));
    List<AttributeProto> last = List.of(integers("axes", 2), integers("keepdims", 0));
    String hidden = conv(rows, kernel1(pool.hiddenWeight()), pool.hiddenBias(), 1);
    String scores =
        conv(op("Tanh", List.of(), hidden), kernel1(pool.scoreWeight()), pool.scoreBias(), 1);
    String alpha = op("Softmax", List.of(integers("axis", 2)), scores);
    String mean = op("ReduceSum", last, op("Mul", List.of(), alpha, rows));
    String squared = op("Pow", List.of(), rows, constant(2));
    String squares = op("ReduceSum", last, op("Mul", List.of(), alpha, squared));
    String variance = op("Sub", List.of(), squares, op("Pow", List.of(), mean, constant(2)));
    String floored = op("Clip", List.of(), variance, constant(1e-10f));
    return op("Concat", List.of(integers("axis", 1)), mean, op("Sqrt", List.of(), floored));
  }

  private String op(String type, List<AttributeProto> attributes, String... inputs) {
    String output = "v" + names++;
    graph
        .addNodeBuilder()
        .setOpType(type)
        .addAllInput(List.of(inputs))
        .addOutput(output)
        .addAllAttribute(attributes);
    return output;
  }

  private String value(Value value) {
    return values.get(value.id());
  }

  private static Tensor kernel(Tensor matrix) {
    return Tensor.of(matrix.data(), matrix.extent(0), matrix.extent(1), 1, 1);
  }

  private static Tensor kernel1(Tensor matrix) {
    return Tensor.of(matrix.data(), matrix.extent(0), matrix.extent(1), 1);
  }

  private String tensor(Tensor tensor) {
    String name = "w" + names++;
    graph.addInitializer(proto(name, tensor));
    return name;
  }

  static TensorProto proto(String name, Tensor tensor) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * tensor.data().length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(tensor.data());
    TensorProto.Builder proto = TensorProto.newBuilder().setName(name).setDataType(1);
    for (int extent : tensor.shape()) {
      proto.addDims(extent);
    }
    return proto.setRawData(ByteString.copyFrom(bytes)).build();
  }

  private String constant(float value) {
    return constant(TensorProto.newBuilder().setDataType(1).addFloatData(value).build());
  }

  private String wholeConstant(long... elements) {
    TensorProto.Builder proto = TensorProto.newBuilder().setDataType(7).addDims(elements.length);
    for (long element : elements) {
      proto.addInt64Data(element);
    }
    return constant(proto.build());
  }

  private String constant(TensorProto tensor) {
    String output = "v" + names++;
    graph
        .addNodeBuilder()
        .setOpType("Constant")
        .addOutput(output)
        .addAttribute(AttributeProto.newBuilder().setName("value").setT(tensor));
    return output;
  }

  static AttributeProto number(String name, float value) {
    return AttributeProto.newBuilder().setName(name).setF(value).build();
  }

  static AttributeProto integers(String name, long... elements) {
    AttributeProto.Builder attribute = AttributeProto.newBuilder().setName(name);
    if (List.of("axis", "keepdims", "group", "to", "transB").contains(name)) {
      return attribute.setI(elements[0]).build();
    }
    for (long element : elements) {
      attribute.addInts(element);
    }
    return attribute.build();
  }

  /** The first node of a kind. */
  static NodeProto.Builder first(ModelProto.Builder model, String op) {
    return model.getGraphBuilder().getNodeBuilderList().stream()
        .filter(node -> node.getOpType().equals(op))
        .findFirst()
        .orElseThrow();
  }
}
