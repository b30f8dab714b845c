package io.voiceprint.peers.onnxruntime;

import com.google.protobuf.UnsafeByteOperations;
import io.voiceprint.checkpoint.onnx.OnnxProto.AttributeProto;
import io.voiceprint.checkpoint.onnx.OnnxProto.AttributeProto.AttributeType;
import io.voiceprint.checkpoint.onnx.OnnxProto.GraphProto;
import io.voiceprint.checkpoint.onnx.OnnxProto.ModelProto;
import io.voiceprint.checkpoint.onnx.OnnxProto.TensorProto;
import io.voiceprint.checkpoint.onnx.OnnxProto.ValueInfoProto;
import io.voiceprint.graph.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * An ONNX graph under construction: operators of the standard domain, their attributes, and
 * constants. Values are known by name.
 */
final class OnnxGraph {
  private static final int IR_VERSION = 6;
  private static final int OPERATOR_SET = 11;
  static final int FLOAT = 1; // TensorProto.DataType
  private static final int INT64 = 7;

  private final GraphProto.Builder graph = GraphProto.newBuilder().setName("voiceprint");
  private int constants;

  /** An attribute of one whole number. */
  static AttributeProto integer(String name, long value) {
    return attribute(name, AttributeType.INT).setI(value).build();
  }

  /** An attribute that is a list of whole numbers, even if it holds but one. */
  static AttributeProto integers(String name, long... values) {
    AttributeProto.Builder attribute = attribute(name, AttributeType.INTS);
    for (long value : values) {
      attribute.addInts(value);
    }
    return attribute.build();
  }

  private static AttributeProto.Builder attribute(String name, AttributeType type) {
    return AttributeProto.newBuilder().setName(name).setType(type);
  }

  /**
   * A float32 input or output of the network.
   *
   * @param axes a number, or a name where the extent is not fixed
   */
  private static void describe(ValueInfoProto.Builder value, String name, String... axes) {
    var tensor = value.setName(name).getTypeBuilder().getTensorTypeBuilder().setElemType(FLOAT);
    for (String axis : axes) {
      var dimension = tensor.getShapeBuilder().addDimBuilder();
      if (Character.isDigit(axis.charAt(0))) {
        dimension.setDimValue(Long.parseLong(axis));
      } else {
        dimension.setDimParam(axis);
      }
    }
  }

  String input(String name, String... axes) {
    describe(graph.addInputBuilder(), name, axes);
    return name;
  }

  void output(String name, String... axes) {
    describe(graph.addOutputBuilder(), name, axes);
  }

  /** Adds an operator of one result, which bears its name. */
  String op(String type, String name, List<AttributeProto> attributes, String... inputs) {
    return op(type, name, attributes, List.of(inputs), List.of(name)).get(0);
  }

  /** Adds an operator. */
  List<String> op(
      String type,
      String name,
      List<AttributeProto> attributes,
      List<String> inputs,
      List<String> outputs) {
    graph
        .addNodeBuilder()
        .setOpType(type)
        .setName(name)
        .addAllInput(inputs)
        .addAllOutput(outputs)
        .addAllAttribute(attributes);
    return outputs;
  }

  /** Weights, of the shape they have or of another with as many elements. */
  String weights(String name, Tensor tensor, int... shape) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * tensor.data().length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(tensor.data());
    TensorProto.Builder proto = graph.addInitializerBuilder().setName(name).setDataType(FLOAT);
    for (int extent : shape.length == 0 ? tensor.shape() : shape) {
      proto.addDims(extent);
    }
    proto.setRawData(UnsafeByteOperations.unsafeWrap(bytes));
    return name;
  }

  /** A float32 scalar. */
  String scalar(float value) {
    String name = "constant_" + constants++;
    graph.addInitializerBuilder().setName(name).setDataType(FLOAT).addFloatData(value);
    return name;
  }

  /** A vector of int64. */
  String vector(Long... values) {
    String name = "constant_" + constants++;
    graph
        .addInitializerBuilder()
        .setName(name)
        .setDataType(INT64)
        .addDims(values.length)
        .addAllInt64Data(List.of(values));
    return name;
  }

  /** The whole file. */
  ModelProto build() {
    ModelProto.Builder model = ModelProto.newBuilder().setIrVersion(IR_VERSION);
    model.setProducerName("voiceprint").addOpsetImportBuilder().setVersion(OPERATOR_SET);
    return model.setGraph(graph).build();
  }
}
