package io.voiceprint.model;

import io.voiceprint.checkpoint.CheckpointException;
import io.voiceprint.checkpoint.OnnxNode;
import io.voiceprint.model.OnnxLayers.Layer;

/**
 * Recognises 3D-Speaker's pooling layers in the operations that {@code torch.onnx.export} writes
 * for them.
 */
final class OnnxPooling {
  private static final double STATISTICS_EPSILON = 1e-8;
  private static final double ATTENTION_FLOOR = 1e-10;

  private final OnnxMatcher match;
  private final OnnxLayers layers;

  OnnxPooling(OnnxMatcher match, OnnxLayers layers) {
    this.match = match;
    this.layers = layers;
  }

  /**
   * What was found.
   *
   * @param input the map (N, C, F, T) that is pooled
   * @param hidden first attention layer (ASTP), else {@code null}
   * @param scores second attention layer (ASTP), else {@code null}
   */
  record Found(Pooling pooling, String input, Layer hidden, Layer scores) {}

  Found read(String value) throws CheckpointException {
    if (match.is(value, "Flatten")) {
      String flat = flat(value);
      return match.is(flat, "Sqrt")
          ? new Found(Pooling.TSDP, deviation(flat, 3, 4, STATISTICS_EPSILON), null, null)
          : new Found(Pooling.TAP, mean(flat, 3, 4, false, "temporal average"), null, null);
    }
    OnnxNode concat =
        match.node(value, "Concat", "mean and standard deviation, or the flattened statistics");
    match.requireAxis(concat, match.integers(concat, "axis", -1), 1, 2);
    if (concat.inputs().size() != 2) {
      throw match.refuse(concat, "joins %d values, expected 2".formatted(concat.inputs().size()));
    }
    if (match.is(concat.input(0), "ReduceSum")) {
      return attentive(concat);
    }
    String input = mean(flat(concat.input(0)), 3, 4, false, "temporal mean");
    String other = deviation(flat(concat.input(1)), 3, 4, STATISTICS_EPSILON);
    match.requireSame(concat, other, input, "both statistics are of one value");
    return new Found(Pooling.TSTP, input, null, null);
  }

  private String flat(String value) {
    OnnxNode flatten = match.node(value, "Flatten", "channels and frequencies as one vector");
    match.requireAttribute(flatten, "axis", 1, 1);
    return flatten.input(0);
  }

  String mean(String value, int axis, int rank, boolean keep, String role)
      throws CheckpointException {
    return reduce("ReduceMean", value, axis, rank, keep, role);
  }

  String reduce(String op, String value, int axis, int rank, boolean keep, String role)
      throws CheckpointException {
    OnnxNode node = match.node(value, op, role);
    match.requireAxis(node, match.integers(node, "axes", 1), axis, rank);
    match.requireAttribute(node, "keepdims", keep ? 1 : 0, 1);
    return node.input(0);
  }

  /** Mean and standard deviation of a map (N, C, T), without an epsilon; returns the map. */
  String statistics(String value) throws CheckpointException {
    OnnxNode concat = match.node(value, "Concat", "mean and standard deviation");
    match.requireAxis(concat, match.integers(concat, "axis", -1), 1, 2);
    if (concat.inputs().size() != 2) {
      throw match.refuse(concat, "joins %d values, expected 2".formatted(concat.inputs().size()));
    }
    String input = mean(concat.input(0), 2, 3, false, "temporal mean");
    String other = deviation(concat.input(1), 2, 3, 0);
    match.requireSame(concat, other, input, "both statistics are of one value");
    return input;
  }

  /** sqrt(var + epsilon), var = mean((x - mean)²) · T / (T - 1), as the exporter spells it. */
  private String deviation(String value, int axis, int rank, double epsilon)
      throws CheckpointException {
    OnnxNode sqrt = match.node(value, "Sqrt", "standard deviation");
    String variance = sqrt.input(0);
    if (epsilon > 0) {
      OnnxNode floor = match.node(variance, "Add", "variance + " + epsilon);
      variance = match.besideScalar(floor, epsilon, "keeps the root from zero");
    }
    OnnxNode divide = match.node(variance, "Div", "unbiased variance");
    OnnxNode scaled = match.node(divide.input(0), "Mul", "sum of squares");
    OnnxNode less = match.node(divide.input(1), "Sub", "number of frames less one");
    Double one = match.scalar(less.input(1));
    if (one == null || one != 1) {
      throw match.refuse(less, "expected the constant 1 as the second input (unbiased variance)");
    }
    match.requireSame(scaled, scaled.input(1), less.input(0), "the number of frames");
    String squares = mean(scaled.input(0), axis, rank, false, "mean of squares");
    OnnxNode square = match.node(squares, "Mul", "square");
    match.requireSame(square, square.input(0), square.input(1), "a square");
    OnnxNode centred = match.node(square.input(0), "Sub", "x less its mean");
    String input = centred.input(0);
    String of = mean(centred.input(1), axis, rank, true, "temporal mean");
    match.requireSame(centred, of, input, "the mean of the same value");
    frames(less.input(0), input, axis, rank);
    return input;
  }

  /** The number of frames of a map, as a float. */
  private void frames(String value, String map, int axis, int rank) throws CheckpointException {
    OnnxNode cast = match.node(value, "Cast", "number of frames as a float");
    OnnxNode product = match.node(cast.input(0), "ReduceProd", "number of frames");
    OnnxNode gather = match.node(product.input(0), "Gather", "number of frames");
    match.requireAttribute(gather, "axis", 0, 0);
    match.requireAxis(gather, match.integers(gather, "indices", 1), axis, rank);
    OnnxNode shape = match.node(gather.input(0), "Shape", "shape of the pooled value");
    match.requireSame(shape, shape.input(0), map, "the pooled value");
  }

  /** Mean and deviation under the weights softmax(linear2(tanh(linear1(x)))). */
  private Found attentive(OnnxNode concat) throws CheckpointException {
    String weighted = reduce("ReduceSum", concat.input(0), 2, 3, false, "weighted mean");
    OnnxNode times = match.node(weighted, "Mul", "attention · x");
    String alpha = times.input(0);
    String rows = times.input(1);

    OnnxNode sqrt = match.node(concat.input(1), "Sqrt", "weighted deviation");
    String variance =
        match.clip(
            sqrt.input(0), ATTENTION_FLOOR, Double.POSITIVE_INFINITY, "floor of the variance");
    OnnxNode less = match.node(variance, "Sub", "mean of squares less square of the mean");
    match.requireSame(
        less, square(less.input(1), "square of the mean"), concat.input(0), "weighted mean");
    String sum = reduce("ReduceSum", less.input(0), 2, 3, false, "weighted mean of squares");
    OnnxNode timesSquare = match.node(sum, "Mul", "attention · x²");
    match.requireSame(timesSquare, timesSquare.input(0), alpha, "the attention");
    match.requireSame(timesSquare, square(timesSquare.input(1), "x²"), rows, "the pooled rows");

    OnnxNode softmax = match.node(alpha, "Softmax", "attention over time");
    match.requireAxis(softmax, match.integers(softmax, "axis", -1), 2, 3);
    Layer scores = layers.conv(softmax.input(0), 3, 1, "second attention layer");
    OnnxNode tanh = match.node(scores.input(), "Tanh", "attention's nonlinearity");
    Layer hidden = layers.conv(tanh.input(0), 3, 1, "first attention layer");
    match.requireSame(hidden.node(), hidden.input(), rows, "the pooled rows, without context");
    OnnxNode reshape = match.node(rows, "Reshape", "channels and frequencies as rows");
    return new Found(Pooling.ASTP, reshape.input(0), hidden, scores);
  }

  String square(String value, String role) throws CheckpointException {
    OnnxNode pow = match.node(value, "Pow", role);
    Double exponent = match.scalar(pow.input(1));
    if (exponent == null || exponent != 2) {
      throw match.refuse(pow, "expected the exponent 2 (" + role + ")");
    }
    return pow.input(0);
  }
}
