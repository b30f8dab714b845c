package io.voiceprint.checkpoint;

import com.google.protobuf.InvalidProtocolBufferException;
import io.voiceprint.checkpoint.onnx.OnnxProto.AttributeProto;
import io.voiceprint.checkpoint.onnx.OnnxProto.GraphProto;
import io.voiceprint.checkpoint.onnx.OnnxProto.ModelProto;
import io.voiceprint.checkpoint.onnx.OnnxProto.NodeProto;
import io.voiceprint.checkpoint.onnx.OnnxProto.StringStringEntryProto;
import io.voiceprint.checkpoint.onnx.OnnxProto.TensorShapeProto.Dimension;
import io.voiceprint.checkpoint.onnx.OnnxProto.ValueInfoProto;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Reads the network and the tensors of an ONNX file (docs/IR.md of github.com/onnx/onnx). The
 * elements of tensors stay in the file; what becomes objects, the description of the network, is
 * limited in size.
 */
final class OnnxReader {
  private final WeightFile file;
  private final OnnxTensorReader tensorReader;
  private final Map<String, OnnxTensor> constants = new LinkedHashMap<>();
  private final Map<String, StoredTensor> initializers = new LinkedHashMap<>();
  private final Set<String> defined = new HashSet<>();

  private OnnxReader(WeightFile file) {
    this.file = file;
    this.tensorReader = new OnnxTensorReader(file);
  }

  static StateDict read(WeightFile file) throws CheckpointException {
    if (file.size() > WeightFile.MAX_RANGE) {
      throw file.failure(
          "ONNX file of " + file.size() + " bytes, at most " + WeightFile.MAX_RANGE + " are read");
    }
    try {
      return new OnnxReader(file).read(OnnxDescription.read(file));
    } catch (CheckpointException e) {
      throw e;
    } catch (InvalidProtocolBufferException e) {
      throw file.failure("is damaged, or not ONNX: " + e.getMessage());
    } catch (IOException e) {
      throw file.failure("cannot be read: " + e);
    }
  }

  private StateDict read(OnnxDescription description) throws IOException {
    ModelProto model = description.model();
    GraphProto graph = description.graph();
    if (!model.hasIrVersion() || !description.hasGraph() || graph.getNodeCount() == 0) {
      throw file.failure("holds no ONNX network (ir_version and graph are needed)");
    }
    for (OnnxDescription.Initializer tensor : description.initializers()) {
      String name = tensor.proto().getName();
      define(name);
      OnnxTensor read = tensorReader.read(name, tensor.proto(), tensor.raw());
      constants.put(name, read);
      initializers.put(name, read);
    }
    Map<String, List<Long>> inputs = new LinkedHashMap<>();
    for (ValueInfoProto input : graph.getInputList()) {
      // Old exporters list the initialisers among the inputs.
      if (!constants.containsKey(input.getName())) {
        define(input.getName());
        inputs.put(input.getName(), extents(input));
      }
    }
    List<OnnxNode> nodes = new ArrayList<>();
    for (NodeProto node : graph.getNodeList()) {
      nodes.add(node(node));
    }
    List<String> outputs = graph.getOutputList().stream().map(ValueInfoProto::getName).toList();
    Map<String, String> metadata = entries(model.getMetadataPropsList());
    return new StateDict(
        file.path(),
        initializers,
        metadata,
        new OnnxGraph(file.path(), inputs, outputs, nodes, constants, metadata),
        tensorReader.files());
  }

  private void define(String value) throws CheckpointException {
    if (!defined.add(value)) {
      throw file.failure("value \"" + value + "\" is defined twice");
    }
  }

  private static List<Long> extents(ValueInfoProto value) {
    List<Long> extents = new ArrayList<>();
    for (Dimension dimension : value.getType().getTensorType().getShape().getDimList()) {
      extents.add(dimension.hasDimValue() ? dimension.getDimValue() : -1);
    }
    return extents;
  }

  private static OnnxNode parse(NodeProto proto, boolean withBranches) {
    boolean standard = proto.getDomain().isEmpty() || proto.getDomain().equals("ai.onnx");
    Map<String, List<Double>> numbers = new HashMap<>();
    Map<String, String> texts = new HashMap<>();
    Map<String, List<OnnxNode>> branches = new HashMap<>();
    for (AttributeProto attribute : proto.getAttributeList()) {
      if (attribute.hasG()) {
        if (withBranches) {
          branches.put(
              attribute.getName(),
              attribute.getG().getNodeList().stream().map(node -> parse(node, false)).toList());
        }
      } else if (attribute.hasS()) {
        texts.put(attribute.getName(), attribute.getS().toStringUtf8());
      } else if (!attribute.hasT()) {
        numbers.put(attribute.getName(), numbers(attribute));
      }
    }
    return new OnnxNode(
        standard ? proto.getOpType() : proto.getDomain() + "::" + proto.getOpType(),
        proto.getName(),
        proto.getInputList(),
        proto.getOutputList(),
        numbers,
        texts,
        branches);
  }

  private OnnxNode node(NodeProto proto) throws CheckpointException {
    OnnxNode node = parse(proto, true);
    for (String input : node.inputs()) {
      if (!input.isEmpty() && !defined.contains(input)) {
        throw file.failure(
            "node " + node + " reads \"" + input + "\", which nothing before it computes");
      }
    }
    for (String output : node.outputs()) {
      if (!output.isEmpty()) { // one that the node leaves out
        define(output);
      }
    }
    if (node.op().equals("Constant") && node.outputs().size() == 1) {
      for (AttributeProto attribute : proto.getAttributeList()) {
        if (attribute.hasT()) {
          String name = node.outputs().get(0);
          constants.put(name, tensorReader.read(name, attribute.getT()));
        }
      }
    }
    return node;
  }

  private static List<Double> numbers(AttributeProto attribute) {
    List<Double> numbers = new ArrayList<>();
    if (attribute.hasF()) {
      numbers.add((double) attribute.getF());
    }
    if (attribute.hasI()) {
      numbers.add((double) attribute.getI());
    }
    attribute.getFloatsList().forEach(value -> numbers.add((double) value));
    attribute.getIntsList().forEach(value -> numbers.add((double) value));
    return numbers;
  }

  /** Entries of a map as the format writes it; of a key that comes twice the last counts. */
  static Map<String, String> entries(List<StringStringEntryProto> list) {
    Map<String, String> entries = new LinkedHashMap<>();
    for (StringStringEntryProto entry : list) {
      entries.put(entry.getKey(), entry.getValue());
    }
    return entries;
  }
}
