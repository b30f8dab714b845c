package io.voiceprint.model;

import io.voiceprint.checkpoint.CheckpointException;
import io.voiceprint.checkpoint.OnnxNode;
import io.voiceprint.checkpoint.StateDict;
import io.voiceprint.model.OnnxLayers.Layer;
import io.voiceprint.model.OnnxLayers.Norm;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;

/**
 * Recognises CAM++ in an ONNX graph by its structure alone, from the embedding back to the
 * features. The twin of {@link CamPlusPlus}, which builds what is recognised here.
 */
final class OnnxCamPlusPlus {
  private final OnnxMatcher match;
  private final OnnxLayers layers;
  private final OnnxTemporal temporal;
  private final OnnxWeights weights;

  /**
   * One layer of a dense block.
   *
   * @param input the value that it extends
   */
  private record DenseLayer(
      String input, Norm norm, Layer narrow, Layer local, Layer squeeze, Layer expand) {}

  /** A dense block and the layer behind it that halves the channels. */
  private record Block(List<DenseLayer> layers, Norm norm, Layer transit) {}

  private OnnxCamPlusPlus(StateDict file) {
    this.match = new OnnxMatcher(file.network());
    this.layers = new OnnxLayers(file.network(), match);
    this.temporal = new OnnxTemporal(file.network(), match, layers);
    this.weights = new OnnxWeights(file.network(), match);
  }

  /**
   * Recognises the network of a file with one input and one output.
   *
   * @throws ModelException if it is another network, naming the node that does not fit
   */
  static OnnxNetwork read(StateDict file) throws CheckpointException {
    OnnxCamPlusPlus cam = new OnnxCamPlusPlus(file);
    String pooled = cam.embedding(file.network().outputs().get(0));
    Layer tdnn = cam.blocks(new OnnxPooling(cam.match, cam.layers).statistics(pooled));
    int channels =
        new OnnxCamPlusPlusHead(cam.match, cam.layers, cam.temporal, cam.weights).before(tdnn);
    int melBins = tdnn.weight().extent(1) / channels * 8;
    cam.match.requireMelBins(melBins);
    return new OnnxNetwork(
        cam.weights.stateDict(), Pooling.TSTP, Map.of("feat_dim", String.valueOf(melBins)));
  }

  /** Fully connected layer and its norm; returns the pooled vector. */
  private String embedding(String output) throws CheckpointException {
    OnnxNode node = match.node(output, "BatchNormalization", "norm of the embedding");
    BatchNorm norm = layers.batchNorm(node);
    OnnxNode squeeze = match.node(node.input(0), "Squeeze", "embedding as a vector");
    match.requireAxis(squeeze, match.integers(squeeze, "axes", 1), 2, 3);
    Layer dense = temporal.zeroPadded(squeeze.input(0), 1, 1, "embedding");
    if (norm.scale().length != dense.weight().extent(0)) {
      throw match.refuse(node, "has %d channels".formatted(norm.scale().length));
    }
    float[] bias = dense.bias() == null ? null : dense.bias().data();
    LayerWeights folded = norm.foldIntoConvBefore(dense.weight(), bias);
    OnnxNode unsqueeze = match.node(dense.input(), "Unsqueeze", "statistics as one frame");
    match.requireAxis(unsqueeze, match.integers(unsqueeze, "axes", 1), 2, 3);
    weights.nameBiased(
        "xvector.dense.linear",
        new Layer(dense.node(), folded.weight(), folded.bias(), unsqueeze.input(0), 1));
    match.recognised("embedding layer of " + folded.weight().extent(0));
    return unsqueeze.input(0);
  }

  /** All dense blocks; returns the layer before the first. */
  private Layer blocks(String pooled) throws CheckpointException {
    match.recognised("statistics pooling");
    OnnxNode out = match.node(pooled, "Relu", "before the pooling");
    Layer transit = temporal.zeroPadded(out.input(0), 1, 1, "last transit layer");
    Deque<Block> blocks = new ArrayDeque<>();
    String value;
    do {
      OnnxNode relu = match.node(transit.input(), "Relu", "before a transit layer");
      Norm norm = layers.norm(relu.input(0), "before a transit layer");
      List<DenseLayer> layers = denseLayers(norm.input());
      blocks.addFirst(new Block(layers, norm, transit));
      value = layers.get(0).input();
      if (!match.is(value, "Relu")) {
        transit = temporal.zeroPadded(value, 1, 1, "transit layer");
      }
    } while (!match.is(value, "Relu"));
    int index = 1;
    for (Block block : blocks) {
      name(index, block, index == blocks.size());
      index++;
    }
    OnnxNode relu = match.node(value, "Relu", "before the dense blocks");
    Layer tdnn = temporal.zeroPadded(relu.input(0), 5, 2, "layer before the dense blocks");
    weights.nameBiased("xvector.tdnn.linear", tdnn);
    return tdnn;
  }

  /** The layers of a block, the first one first. */
  private List<DenseLayer> denseLayers(String value) throws CheckpointException {
    Deque<DenseLayer> layers = new ArrayDeque<>();
    while (match.is(value, "Concat")) {
      OnnxNode concat = match.node(value, "Concat", "dense layer");
      match.requireAxis(concat, match.integers(concat, "axis", -1), 1, 3);
      if (concat.inputs().size() != 2) {
        throw match.refuse(concat, "joins %d values, expected 2".formatted(concat.inputs().size()));
      }
      DenseLayer layer = denseLayer(concat.input(1));
      match.requireSame(concat, concat.input(0), layer.input(), "what the dense layer reads");
      layers.addFirst(layer);
      match.recognised("dense layer");
      value = concat.input(0);
    }
    if (layers.isEmpty()) {
      throw match.mismatch(value, "Concat (dense layer)");
    }
    return new ArrayList<>(layers);
  }

  private DenseLayer denseLayer(String value) throws CheckpointException {
    OnnxNode times = match.node(value, "Mul", "context-aware mask");
    int gate = match.is(times.input(0), "Sigmoid") ? 0 : 1;
    OnnxNode sigmoid = match.node(times.input(gate), "Sigmoid", "context-aware mask");
    Layer expand = temporal.zeroPadded(sigmoid.input(0), 1, 1, "second layer of the mask");
    OnnxNode hidden = match.node(expand.input(), "Relu", "inside the mask");
    Layer squeeze = temporal.zeroPadded(hidden.input(0), 1, 1, "first layer of the mask");
    Layer local = temporal.zeroPadded(times.input(1 - gate), 3, 1, "masked convolution");
    context(squeeze.input(), local.input());
    OnnxNode narrowed = match.node(local.input(), "Relu", "behind the bottleneck");
    Layer narrow = temporal.zeroPadded(narrowed.input(0), 1, 1, "bottleneck");
    OnnxNode relu = match.node(narrow.input(), "Relu", "before the bottleneck");
    Norm norm = layers.norm(relu.input(0), "before the bottleneck");
    return new DenseLayer(norm.input(), norm, narrow, local, squeeze, expand);
  }

  /** Mean over all frames plus mean over each segment of 100. */
  private void context(String value, String input) throws CheckpointException {
    OnnxNode sum = match.node(value, "Add", "context of the mask");
    OnnxPooling pooling = new OnnxPooling(match, layers);
    int mean = match.is(sum.input(0), "ReduceMean") ? 0 : 1;
    String whole = pooling.reduce("ReduceMean", sum.input(mean), 2, 3, true, "context");
    match.requireSame(sum, whole, input, "what the masked convolution reads");
    OnnxNode slice = match.node(sum.input(1 - mean), "Slice", "segments cut to the frames");
    if (!match.integers(slice, "starts", 1).equals(List.of(0L))) {
      throw match.refuse(slice, "does not begin at the first frame");
    }
    match.requireAxis(slice, match.integers(slice, "axes", 3), 2, 3);
    temporal.requireExtentsAlone(slice, 2, "number of frames");
    OnnxNode reshape = match.node(slice.input(0), "Reshape", "segments one behind the other");
    temporal.requireExtentsAlone(reshape, 1, "number of frames");
    OnnxNode expand = match.node(reshape.input(0), "Expand", "each segment's mean at its frames");
    temporal.requireExtentsAlone(expand, 1, "length of a segment");
    OnnxNode axis = match.node(expand.input(0), "Unsqueeze", "frames of a segment");
    match.requireAxis(axis, match.integers(axis, "axes", 1), 3, 4);
    OnnxNode average = match.node(axis.input(0), "AveragePool", "mean over segments");
    List<Double> length = List.of((double) CamPlusPlus.SEGMENT);
    match.requireNumbers(average, "kernel_shape", length, List.of());
    match.requireNumbers(average, "strides", length, List.of(1.0));
    match.requireNumbers(average, "pads", List.of(0.0, 0.0), List.of(0.0, 0.0));
    match.requireAttribute(average, "ceil_mode", 1, 0);
    String pooled = average.input(0);
    if (match.is(pooled, "Pad")) {
      OnnxNode pad = match.node(pooled, "Pad", "before the mean over segments");
      if (!match.integers(pad, "pads", 1).stream().allMatch(amount -> amount == 0)
          || match.integers(pad, "pads", 1).isEmpty()) {
        throw match.refuse(pad, "pads before the mean over segments");
      }
      pooled = pad.input(0);
    }
    match.requireSame(average, pooled, input, "what the masked convolution reads");
  }

  private void name(int index, Block block, boolean last) throws CheckpointException {
    String name = "xvector.block" + index;
    int dilation = CamPlusPlus.dilation(index);
    for (int i = 0; i < block.layers().size(); i++) {
      DenseLayer layer = block.layers().get(i);
      String prefix = name + ".tdnnd" + (i + 1) + ".";
      match.requireNumbers(
          layer.local().node(), "dilations", List.of((double) dilation), List.of(1.0));
      weights.name(prefix + "nonlinear1.batchnorm", layer.norm());
      weights.nameBiased(prefix + "linear1", layer.narrow());
      weights.nameUnbiased(prefix + "cam_layer.linear_local", layer.local());
      weights.nameBiased(prefix + "cam_layer.linear1", layer.squeeze());
      weights.nameBiased(prefix + "cam_layer.linear2", layer.expand());
    }
    String transit = "xvector.transit" + index;
    weights.name(transit + ".nonlinear.batchnorm", block.norm());
    if (last) {
      weights.nameBiased(transit + ".linear", block.transit());
    } else {
      weights.nameUnbiased(transit + ".linear", block.transit());
    }
  }
}
