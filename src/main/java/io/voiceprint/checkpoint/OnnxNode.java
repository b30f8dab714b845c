package io.voiceprint.checkpoint;

import java.util.List;
import java.util.Map;

/**
 * One operation of an ONNX graph.
 *
 * @param op the operator's name; with its domain, as {@code domain::name}, where it is not one of
 *     ONNX itself
 * @param name as the exporter gave it; may be empty
 * @param inputs names of the values it reads; an optional input that is left out is empty
 * @param outputs names of the values it computes; an optional output that is left out is empty
 * @param numbers its numeric attributes, a single number as a list of one
 * @param texts its attributes that are strings
 * @param branches its attributes that are graphs: their nodes, without branches of their own
 */
public record OnnxNode(
    String op,
    String name,
    List<String> inputs,
    List<String> outputs,
    Map<String, List<Double>> numbers,
    Map<String, String> texts,
    Map<String, List<OnnxNode>> branches) {

  public OnnxNode {
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
    numbers = Map.copyOf(numbers);
    texts = Map.copyOf(texts);
    branches = Map.copyOf(branches);
  }

  /** The name of an input, or the empty string where there are not as many. */
  public String input(int index) {
    return index >= 0 && index < inputs.size() ? inputs.get(index) : "";
  }

  /** A numeric attribute, or {@code otherwise} where it is absent. */
  public List<Double> numbers(String attribute, List<Double> otherwise) {
    return numbers.getOrDefault(attribute, otherwise);
  }

  /** For messages: operator, and the name or the first output. */
  @Override
  public String toString() {
    return op + " \"" + (name.isEmpty() && !outputs.isEmpty() ? outputs.get(0) : name) + "\"";
  }
}
