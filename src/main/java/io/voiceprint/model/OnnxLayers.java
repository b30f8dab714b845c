package io.voiceprint.model;

import io.voiceprint.checkpoint.CheckpointException;
import io.voiceprint.checkpoint.OnnxGraph;
import io.voiceprint.checkpoint.OnnxNode;
import io.voiceprint.checkpoint.StoredTensor;
import io.voiceprint.graph.Tensor;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/** Reads the layers of an ONNX graph that have weights. */
final class OnnxLayers {
  private static final double DEFAULT_EPSILON = 1e-5;

  /**
   * Exporters store equal tensors once. A file must not make gigabytes of weights of one tensor, so
   * all layers together may have this many times the elements of the file.
   */
  private static final long MAX_SHARING = 2;

  private final OnnxGraph graph;
  private final OnnxMatcher match;
  private final FloatBuffer buffer = FloatBuffer.allocate(1 << 14);
  private long elementsLeft;

  OnnxLayers(OnnxGraph graph, OnnxMatcher match) {
    this.graph = graph;
    this.match = match;
    this.elementsLeft = MAX_SHARING * graph.elements();
  }

  /**
   * A layer with weights.
   *
   * @param weight as stored, batch norm folded in
   * @param bias {@code null} for none
   * @param input the value it reads
   * @param stride of a convolution that has the same along all axes, else 1
   */
  record Layer(OnnxNode node, Tensor weight, Tensor bias, String input, int stride) {}

  /** A batch norm that stands alone. */
  record Norm(OnnxNode node, List<Tensor> parameters, String input) {}

  /**
   * A convolution with kernel K (1-d) or K×K and zero padding that keeps the extent, batch norm
   * folded.
   */
  Layer conv(String value, int rank, int kernel, String role) throws CheckpointException {
    Layer layer = convolution(value, rank, kernel, role);
    OnnxNode node = layer.node();
    List<Double> ones = Collections.nCopies(rank - 2, 1.0);
    match.requireNumbers(node, "dilations", ones, ones);
    requirePads(node, rank, (kernel - 1) / 2);
    int stride = node.numbers("strides", ones).stream().findFirst().orElse(1.0).intValue();
    match.requireNumbers(node, "strides", Collections.nCopies(rank - 2, (double) stride), ones);
    return new Layer(node, layer.weight(), layer.bias(), layer.input(), stride);
  }

  /** Requires a stride of what {@link #conv} read. */
  void requireStride(Layer conv, int stride) {
    if (conv.stride() != stride) {
      throw match.refuse(
          conv.node(), "has stride %d, expected %d".formatted(conv.stride(), stride));
    }
  }

  /** Requires as many zeros at both ends of each spatial axis. */
  void requirePads(OnnxNode node, int rank, int padding) {
    List<Double> none = Collections.nCopies(2 * (rank - 2), 0.0);
    match.requireNumbers(node, "pads", Collections.nCopies(2 * (rank - 2), (double) padding), none);
  }

  /**
   * A convolution with kernel K (1-d) or K×K of whatever stride, dilation and padding, batch norm
   * folded.
   */
  Layer convolution(String value, int rank, int kernel, String role) throws CheckpointException {
    BatchNorm norm = null;
    if (match.is(value, "BatchNormalization")) {
      OnnxNode node = match.node(value, "BatchNormalization", role);
      norm = batchNorm(node);
      value = node.input(0);
    }
    OnnxNode node = match.node(value, "Conv", role);
    Tensor weight = tensor(node, 1, rank);
    for (int axis = 2; axis < rank; axis++) {
      if (weight.extent(axis) != kernel) {
        throw match.refuse(
            node, "has weight %s, expected kernel %d (%s)".formatted(weight, kernel, role));
      }
    }
    if (node.numbers("dilations", Collections.nCopies(rank - 2, 1.0)).size() != rank - 2) {
      throw match.refuse(node, "has not a dilation for each axis");
    }
    match.requireAttribute(node, "group", 1, 1);
    if (!node.texts().getOrDefault("auto_pad", "NOTSET").equals("NOTSET")) {
      throw match.refuse(node, "has auto_pad=" + node.texts().get("auto_pad") + ", expected none");
    }
    Tensor bias = node.input(2).isEmpty() ? null : bias(node, weight);
    if (norm != null) {
      if (norm.scale().length != weight.extent(0)) {
        throw match.refuse(
            node, "is followed by batch norm of " + norm.scale().length + " channels");
      }
      LayerWeights folded = norm.foldIntoConvBefore(weight, bias == null ? null : bias.data());
      return new Layer(node, folded.weight(), folded.bias(), node.input(0), 1);
    }
    return new Layer(node, weight, bias, node.input(0), 1);
  }

  /** A fully connected layer. */
  Layer gemm(String value, String role) throws CheckpointException {
    OnnxNode node = match.node(value, "Gemm", role);
    match.requireAttribute(node, "alpha", 1, 1);
    match.requireAttribute(node, "beta", 1, 1);
    match.requireAttribute(node, "transA", 0, 0);
    match.requireAttribute(node, "transB", 1, 0);
    Tensor weight = tensor(node, 1, 2);
    return new Layer(node, weight, bias(node, weight), node.input(0), 1);
  }

  /** Reads a batch norm that no convolution took up. */
  Norm norm(String value, String role) throws CheckpointException {
    OnnxNode node = match.node(value, "BatchNormalization", role);
    batchNorm(node);
    return new Norm(
        node,
        List.of(tensor(node, 1, 1), tensor(node, 2, 1), tensor(node, 3, 1), tensor(node, 4, 1)),
        node.input(0));
  }

  BatchNorm batchNorm(OnnxNode node) throws CheckpointException {
    match.requireAttribute(node, "epsilon", DEFAULT_EPSILON, DEFAULT_EPSILON);
    match.requireAttribute(node, "training_mode", 0, 0);
    float[][] parts = new float[4][];
    for (int i = 0; i < 4; i++) {
      parts[i] = tensor(node, 1 + i, 1).data();
      if (parts[i].length != parts[0].length) {
        throw match.refuse(node, "has parameters of different lengths");
      }
    }
    for (float variance : parts[3]) {
      if (variance < 0) {
        throw match.refuse(node, "has the negative variance " + variance);
      }
    }
    return BatchNorm.of(parts[0], parts[1], parts[2], parts[3]);
  }

  private Tensor bias(OnnxNode node, Tensor weight) throws CheckpointException {
    Tensor bias = tensor(node, 2, 1);
    if (bias.extent(0) != weight.extent(0)) {
      throw match.refuse(node, "has bias %s for weight %s".formatted(bias, weight));
    }
    return bias;
  }

  /** A vector is read now, since folding needs it; what is larger stays where it is. */
  private Tensor tensor(OnnxNode node, int input, int rank) throws CheckpointException {
    StoredTensor stored = graph.constant(match.resolve(node.input(input)));
    if (stored == null) {
      throw match.refuse(node, "has no constant tensor as input " + input);
    }
    if (stored.shape().length != rank || stored.elements() == 0) {
      throw match.refuse(
          node,
          "has %s as input %d, expected %d dimensions"
              .formatted(Arrays.toString(stored.shape()), input, rank));
    }
    elementsLeft -= stored.elements();
    if (elementsLeft < 0) {
      throw match.refuse(
          node, "shares its tensors with many other layers, which no network here does");
    }
    return rank == 1
        ? Tensor.of(stored.readFloats(), stored.shape())
        : StoredWeight.checked(stored, buffer);
  }
}
