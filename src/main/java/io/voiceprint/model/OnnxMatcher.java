package io.voiceprint.model;

import io.voiceprint.checkpoint.CheckpointException;
import io.voiceprint.checkpoint.OnnxGraph;
import io.voiceprint.checkpoint.OnnxNode;
import io.voiceprint.checkpoint.StoredTensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Reads an ONNX graph backwards, from a value to the operation that computes it, and checks each
 * operation's attributes: it knows no network. What does not fit ends in a {@link ModelException}
 * that names the node.
 */
final class OnnxMatcher {
  private final OnnxGraph graph;
  private final Map<String, Integer> recognised = new LinkedHashMap<>();

  OnnxMatcher(OnnxGraph graph) {
    this.graph = graph;
  }

  /** Keeps in mind what was understood, for messages. */
  void recognised(String part) {
    recognised.merge(part, 1, Integer::sum);
  }

  /** The value without the operations that change nothing at inference. */
  String resolve(String value) {
    OnnxNode node = graph.producer(value);
    while (node != null && (node.op().equals("Identity") || node.op().equals("Dropout"))) {
      value = node.input(0);
      node = graph.producer(value);
    }
    return value;
  }

  /** Whether an operation of that name computes the value. */
  boolean is(String value, String op) {
    OnnxNode node = graph.producer(resolve(value));
    return node != null && node.op().equals(op);
  }

  /** The operation that computes a value, which must have that name. */
  OnnxNode node(String value, String op, String role) {
    if (!is(value, op)) {
      throw mismatch(value, op + " (" + role + ")");
    }
    return graph.producer(resolve(value));
  }

  boolean same(String a, String b) {
    return resolve(a).equals(resolve(b));
  }

  /** Requires that an operation reads what the network's structure says. */
  void requireSame(OnnxNode node, String actual, String expected, String role) {
    if (!same(actual, expected)) {
      throw refuse(
          node, "reads \"%s\", expected \"%s\" (%s)".formatted(actual, resolve(expected), role));
    }
  }

  /** The input of a node with two inputs whose other one is the constant scalar. */
  String besideScalar(OnnxNode node, double expected, String role) throws CheckpointException {
    for (int i = 0; i < 2; i++) {
      Double scalar = scalar(node.input(1 - i));
      if (scalar != null && isClose(scalar, expected)) {
        return node.input(i);
      }
    }
    throw refuse(node, "expected the constant %s as one input (%s)".formatted(expected, role));
  }

  /** Whether a node has the constant scalar as one of two inputs. */
  boolean hasScalar(OnnxNode node, double expected) throws CheckpointException {
    for (int i = 0; i < 2; i++) {
      Double scalar = scalar(node.input(i));
      if (scalar != null && isClose(scalar, expected)) {
        return true;
      }
    }
    return false;
  }

  /** The value of a constant with one element, or {@code null}. */
  Double scalar(String value) throws CheckpointException {
    StoredTensor tensor = graph.constant(resolve(value));
    return tensor == null || tensor.elements() != 1 || !tensor.dtype().isFloatingPoint()
        ? null
        : (double) tensor.readFloats()[0];
  }

  /** Whole numbers that an attribute states, or in newer operator sets an input. */
  List<Long> integers(OnnxNode node, String attribute, int input) throws CheckpointException {
    List<Double> stated = node.numbers(attribute, null);
    if (stated != null) {
      return stated.stream().map(Double::longValue).toList();
    }
    List<Long> constant = graph.integers(resolve(node.input(input)));
    return constant == null ? List.of() : constant;
  }

  void requireAttribute(OnnxNode node, String attribute, double expected, double standard) {
    double actual = number(node, attribute, standard);
    if (!isClose(actual, expected)) {
      throw refuse(node, "has %s=%s, expected %s".formatted(attribute, actual, expected));
    }
  }

  /** Requires one of the spellings of an axis of a value with {@code rank} axes. */
  void requireAxis(OnnxNode node, List<Long> actual, int axis, int rank) {
    if (!actual.equals(List.of((long) axis)) && !actual.equals(List.of((long) axis - rank))) {
      throw refuse(node, "works along the axes %s, expected %d".formatted(actual, axis));
    }
  }

  /** The input of a clip that must have these bounds. */
  String clip(String value, double min, double max, String role) throws CheckpointException {
    OnnxNode node = node(value, "Clip", role);
    double actualMin = bound(node, "min", 1, Double.NEGATIVE_INFINITY);
    double actualMax = bound(node, "max", 2, Double.POSITIVE_INFINITY);
    if (!isClose(actualMin, min) || !isClose(actualMax, max)) {
      throw refuse(
          node,
          "clips to [%s, %s], expected [%s, %s] (%s)"
              .formatted(actualMin, actualMax, min, max, role));
    }
    return node.input(0);
  }

  private double bound(OnnxNode node, String name, int input, double otherwise)
      throws CheckpointException {
    if (node.input(input).isEmpty()) {
      double stated = number(node, name, otherwise);
      // Before operator set 11, the largest float32 stood for no bound.
      return Math.abs(stated) >= Float.MAX_VALUE ? otherwise : stated;
    }
    Double constant = scalar(node.input(input));
    if (constant == null) {
      throw refuse(node, "has a computed " + name + ", expected a constant");
    }
    return constant;
  }

  /** The value to which a channel axis was added. */
  String channelAxis(String value) throws CheckpointException {
    OnnxNode unsqueeze = node(value, "Unsqueeze", "the channel axis of the features");
    requireAxis(unsqueeze, integers(unsqueeze, "axes", 1), 1, 4);
    return unsqueeze.input(0);
  }

  /** Requires that a value is the input with frames and frequencies swapped. */
  void requireFeatures(String value) throws CheckpointException {
    OnnxNode transpose = node(value, "Transpose", "(T, F) to (F, T)");
    requireSwap(transpose);
    String input = graph.inputs().keySet().iterator().next();
    requireSame(transpose, transpose.input(0), input, "the features");
  }

  /** Requires that a node swaps the last two of three axes. */
  void requireSwap(OnnxNode transpose) throws CheckpointException {
    if (!integers(transpose, "perm", -1).equals(List.of(0L, 2L, 1L))) {
      throw refuse(transpose, "does not swap frames and frequencies (perm=[0, 2, 1])");
    }
  }

  /** The extents of the input, where the file states them, are (utterances, frames, mel bins). */
  void requireMelBins(int melBins) {
    var input = graph.inputs().entrySet().iterator().next();
    List<Long> extents = input.getValue();
    if (!extents.isEmpty()
        && (extents.size() != 3 || (extents.get(2) >= 0 && extents.get(2) != melBins))) {
      throw new ModelException(
          "%s: input \"%s\" has extents %s, but the weights are for (utterances, frames, %d)"
              .formatted(graph.source(), input.getKey(), extents, melBins));
    }
  }

  void requireNumbers(
      OnnxNode node, String attribute, List<Double> expected, List<Double> standard) {
    List<Double> actual = node.numbers(attribute, standard);
    if (!actual.equals(expected)) {
      throw refuse(node, "has %s=%s, expected %s".formatted(attribute, actual, expected));
    }
  }

  private static double number(OnnxNode node, String attribute, double otherwise) {
    List<Double> stated = node.numbers(attribute, List.of());
    return stated.size() == 1 ? stated.get(0) : otherwise;
  }

  /** Equal but for rounding to float32. */
  private static boolean isClose(double actual, double expected) {
    return actual == expected || Math.abs(actual - expected) <= 1e-6 * Math.abs(expected);
  }

  /** What is there instead of what a network of the family has. */
  ModelException mismatch(String value, String expected) {
    String resolved = resolve(value);
    OnnxNode node = graph.producer(resolved);
    String found =
        node != null
            ? "node " + node
            : graph.constant(resolved) != null
                ? "constant \"" + resolved + "\""
                : "input \"" + resolved + "\"";
    return stopped("%s stands where %s was expected".formatted(found, expected));
  }

  ModelException refuse(OnnxNode node, String reason) {
    return stopped("node %s %s".formatted(node, reason));
  }

  private ModelException stopped(String reason) {
    return new ModelException(
        ("%s: the ONNX graph is not an export of a network that is known here (ERes2Net, ERes2NetV2,"
                + " Res2Net, ECAPA-TDNN, CAM++): %s; recognised from the output back to there: %s")
            .formatted(
                graph.source(),
                reason,
                recognised.isEmpty()
                    ? "nothing"
                    : recognised.entrySet().stream()
                        .map(part -> part.getValue() + " × " + part.getKey())
                        .collect(Collectors.joining(", "))));
  }
}
