package io.voiceprint.peers.onnxruntime;

import static io.voiceprint.peers.onnxruntime.OnnxGraph.integer;
import static io.voiceprint.peers.onnxruntime.OnnxGraph.integers;

import io.voiceprint.checkpoint.onnx.OnnxProto.AttributeProto;
import io.voiceprint.graph.Node;
import io.voiceprint.graph.Tensor;
import java.util.List;

/**
 * Poolings over time in ONNX, as PyTorch's exporter takes {@code mean}, {@code var} and {@code
 * softmax} apart.
 */
final class OnnxPooling {
  private static final List<AttributeProto> NONE = List.of();
  private static final List<AttributeProto> CHANNELS = List.of(integer("axis", 1));

  private final OnnxGraph onnx;
  private final String name;
  private final String input;

  /**
   * @param name of the pooling, which the results' names begin with
   * @param input the feature map, (N, C, F, T)
   */
  OnnxPooling(OnnxGraph onnx, String name, String input) {
    this.onnx = onnx;
    this.name = name;
    this.input = input;
  }

  /** Mean and unbiased standard deviation, (N, C·F) each. */
  String write(Node.StatisticsPooling pooling) {
    if (!pooling.statistics().hasStandardDeviation()) {
      return mean();
    }
    if (!pooling.statistics().hasMean()) {
      return deviation();
    }
    return onnx.op("Concat", name, CHANNELS, mean(), deviation());
  }

  private String mean() {
    return op("Flatten", "flat_mean", CHANNELS, op("ReduceMean", "mean", overTime(0), input));
  }

  private String deviation() {
    String extents = op("Shape", "shape", NONE, input);
    String time = op("Gather", "time", List.of(integer("axis", 0)), extents, onnx.vector(-1L));
    String whole = op("ReduceProd", "frames", List.of(integer("keepdims", 0)), time);
    String frames = op("Cast", "frames_float", List.of(integer("to", OnnxGraph.FLOAT)), whole);
    String centred =
        op("Sub", "centred", NONE, input, op("ReduceMean", "kept_mean", overTime(1), input));
    String squares =
        op("ReduceMean", "biased", overTime(0), op("Mul", "squared", NONE, centred, centred));
    String sum = op("Mul", "sum", NONE, squares, frames);
    String variance =
        op("Div", "variance", NONE, sum, op("Sub", "freedom", NONE, frames, onnx.scalar(1)));
    String root =
        op("Sqrt", "root", NONE, op("Add", "floored", NONE, variance, onnx.scalar(1e-8f)));
    return op("Flatten", "flat_deviation", CHANNELS, root);
  }

  private static List<AttributeProto> overTime(int keep) {
    return List.of(integers("axes", -1), integer("keepdims", keep));
  }

  /** Means and standard deviations weighted by attention, (N, C·F) each. */
  String write(Node.AttentivePooling pooling) {
    int rows = pooling.hiddenWeight().extent(1);
    int hidden = pooling.hiddenWeight().extent(0);
    String x = op("Reshape", "rows", NONE, input, onnx.vector(0L, (long) rows, -1L));
    String inner = conv(x, "hidden", pooling.hiddenWeight(), pooling.hiddenBias(), hidden, rows);
    String scores =
        conv(
            op("Tanh", "tanh", NONE, inner),
            "score",
            pooling.scoreWeight(),
            pooling.scoreBias(),
            rows,
            hidden);
    String alpha = op("Softmax", "alpha", List.of(integer("axis", 2)), scores);
    List<AttributeProto> overTime = List.of(integers("axes", 2), integer("keepdims", 0));
    String weighted = op("Mul", "weighted", NONE, alpha, x);
    String mean = op("ReduceSum", "mean", overTime, weighted);
    String energy = op("ReduceSum", "energy", overTime, op("Mul", "squared", NONE, weighted, x));
    String variance =
        op("Sub", "variance", NONE, energy, op("Mul", "mean_squared", NONE, mean, mean));
    String floored = op("Clip", "floored", NONE, variance, onnx.scalar(1e-10f));
    return onnx.op("Concat", name, CHANNELS, mean, op("Sqrt", "deviation", NONE, floored));
  }

  private String conv(String x, String part, Tensor weight, Tensor bias, int out, int in) {
    return op(
        "Conv",
        part,
        List.of(integers("kernel_shape", 1)),
        x,
        onnx.weights(name + "." + part + ".weight", weight, out, in, 1),
        onnx.weights(name + "." + part + ".bias", bias));
  }

  private String op(String type, String part, List<AttributeProto> attributes, String... inputs) {
    return onnx.op(type, name + "/" + part, attributes, inputs);
  }
}
