package io.voiceprint.checkpoint;

import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The network of an ONNX file: nodes in an order in which each comes after those it reads from,
 * every value computed once.
 *
 * <p>Immutable and thread-safe.
 */
public final class OnnxGraph {
  private final Path source;
  private final Map<String, List<Long>> inputs;
  private final List<String> outputs;
  private final Map<String, OnnxNode> producers = new HashMap<>();
  private final Map<String, OnnxTensor> constants;
  private final Map<String, String> metadata;

  OnnxGraph(
      Path source,
      Map<String, List<Long>> inputs,
      List<String> outputs,
      List<OnnxNode> nodes,
      Map<String, OnnxTensor> constants,
      Map<String, String> metadata) {
    this.source = source;
    this.inputs = Collections.unmodifiableMap(new LinkedHashMap<>(inputs));
    this.outputs = List.copyOf(outputs);
    this.constants = Map.copyOf(constants);
    this.metadata = Map.copyOf(metadata);
    for (OnnxNode node : nodes) {
      for (String output : node.outputs()) {
        if (!output.isEmpty()) {
          producers.put(output, node);
        }
      }
    }
  }

  /** The file it came from, for messages. */
  public Path source() {
    return source;
  }

  /** The values that must be given: name to extents, -1 for one that is open. */
  public Map<String, List<Long>> inputs() {
    return inputs;
  }

  /** Names of the results. */
  public List<String> outputs() {
    return outputs;
  }

  /** The node that computes a value, or {@code null} for an input, a constant and no value. */
  public OnnxNode producer(String value) {
    return producers.get(value);
  }

  /** The tensor of an initialiser or a constant node, or {@code null}. */
  public StoredTensor constant(String value) {
    return constants.get(value);
  }

  /** Elements of all constants together. */
  public long elements() {
    return constants.values().stream().mapToLong(StoredTensor::elements).sum();
  }

  /**
   * The elements of a constant of whole numbers, or {@code null} where there is no constant.
   *
   * @throws CheckpointException if it is of another type
   */
  public List<Long> integers(String value) throws CheckpointException {
    OnnxTensor tensor = constants.get(value);
    return tensor == null ? null : tensor.readIntegers();
  }

  /** The metadata properties of the model. */
  public Map<String, String> metadata() {
    return metadata;
  }
}
