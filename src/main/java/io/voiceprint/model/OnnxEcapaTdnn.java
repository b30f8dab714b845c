package io.voiceprint.model;

import io.voiceprint.checkpoint.CheckpointException;
import io.voiceprint.checkpoint.OnnxNode;
import io.voiceprint.checkpoint.StateDict;
import io.voiceprint.graph.Node;
import io.voiceprint.model.OnnxLayers.Layer;
import io.voiceprint.model.OnnxLayers.Norm;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Recognises ECAPA-TDNN in an ONNX graph by its structure alone, from the embedding back to the
 * features. The twin of {@link EcapaTdnn}, which builds what is recognised here.
 */
final class OnnxEcapaTdnn {
  private final OnnxMatcher match;
  private final OnnxLayers layers;
  private final OnnxTemporal temporal;
  private final OnnxWeights weights;
  private final OnnxPooling pooling;
  private final Deque<Integer> dilations = new ArrayDeque<>(); // of the blocks

  /** Convolution, ReLU, batch norm. */
  private record Tdnn(Layer conv, Norm norm) {
    String input() {
      return conv.input();
    }
  }

  private OnnxEcapaTdnn(StateDict file) {
    this.match = new OnnxMatcher(file.network());
    this.layers = new OnnxLayers(file.network(), match);
    this.temporal = new OnnxTemporal(file.network(), match, layers);
    this.weights = new OnnxWeights(file.network(), match);
    this.pooling = new OnnxPooling(match, layers);
  }

  /**
   * Recognises the network of a file with one input and one output.
   *
   * @throws ModelException if it is another network, naming the node that does not fit
   */
  static OnnxNetwork read(StateDict file) throws CheckpointException {
    OnnxEcapaTdnn ecapa = new OnnxEcapaTdnn(file);
    Tdnn mfa = ecapa.aggregation(ecapa.embedding(file.network().outputs().get(0)));
    OnnxNode concat = ecapa.match.node(mfa.input(), "Concat", "outputs of all blocks");
    ecapa.match.requireAxis(concat, ecapa.match.integers(concat, "axis", -1), 1, 3);
    String value = concat.input(concat.inputs().size() - 1);
    for (int index = concat.inputs().size(); index >= 1; index--) {
      ecapa.match.requireSame(concat, concat.input(index - 1), value, "block " + index);
      value = ecapa.block("blocks." + index, value);
      ecapa.match.recognised("SE-Res2Net block");
    }
    Tdnn first = ecapa.tdnn(value, "first layer");
    ecapa.name("blocks.0", first);
    ecapa.match.requireFeatures(first.input());
    ecapa.match.requireMelBins(first.conv().weight().extent(1));
    return new OnnxNetwork(
        ecapa.weights.stateDict(),
        Pooling.ASTP,
        Map.of("dilations", ecapa.dilations(first.conv(), mfa.conv())));
  }

  private String dilations(Layer first, Layer last) {
    List<Integer> all = new ArrayList<>(dilations);
    all.add(0, OnnxTemporal.dilation(first));
    all.add(OnnxTemporal.dilation(last));
    return all.stream().map(String::valueOf).collect(Collectors.joining(","));
  }

  /** The fully connected layer behind the norm of the statistics; returns the statistics. */
  private String embedding(String output) throws CheckpointException {
    OnnxNode choice = match.node(output, "If", "embedding without its single frame");
    OnnxNode squeeze = only(choice, "then_branch", "Squeeze");
    OnnxNode other = only(choice, "else_branch", "Identity");
    match.requireSame(choice, squeeze.input(0), other.input(0), "both branches");
    temporal.requireExtentsAlone(choice, 0, "number of frames of the embedding");
    if (!squeeze.numbers("axes", List.of(1.0)).equals(List.of(1.0))) {
      throw match.refuse(squeeze, "takes away another axis than that of the frames");
    }
    OnnxNode swap = match.node(squeeze.input(0), "Transpose", "embedding");
    match.requireSwap(swap);
    Layer fc = temporal.reflected(swap.input(0), 1, "embedding");
    Norm norm = layers.norm(fc.input(), "norm of the statistics");
    weights.nameBiased("fc.conv", fc);
    weights.name("asp_bn.norm", norm);
    match.recognised("embedding layer of " + fc.weight().extent(0));
    return unsqueezed(norm.input());
  }

  private OnnxNode only(OnnxNode choice, String branch, String op) {
    List<OnnxNode> nodes = choice.branches().getOrDefault(branch, List.of());
    if (nodes.size() != 1 || !nodes.get(0).op().equals(op)) {
      throw match.refuse(choice, "has %s as %s, expected %s".formatted(nodes, branch, op));
    }
    return nodes.get(0);
  }

  private String unsqueezed(String value) throws CheckpointException {
    OnnxNode unsqueeze = match.node(value, "Unsqueeze", "statistics as one frame");
    match.requireAxis(unsqueeze, match.integers(unsqueeze, "axes", 1), 2, 3);
    return unsqueeze.input(0);
  }

  /** Attentive pooling with global context; returns the aggregation before it. */
  private Tdnn aggregation(String pooled) throws CheckpointException {
    OnnxNode concat = match.node(pooled, "Concat", "weighted mean and deviation");
    requireConcat(concat, 2, 2);
    OnnxNode times = weighted(concat.input(0));
    String x = times.input(1);
    requireDeviation(concat, concat.input(1), times.input(0), x, concat.input(0));
    OnnxNode softmax = match.node(times.input(0), "Softmax", "attention over time");
    match.requireAxis(softmax, match.integers(softmax, "axis", -1), 2, 3);
    String scored = softmax.input(0);
    if (match.is(scored, "Where")) {
      OnnxNode where = match.node(scored, "Where", "mask of the frames");
      temporal.requireExtentsAlone(where, 0, "mask of the frames");
      scored = where.input(2);
    }
    Layer scores = temporal.reflected(scored, 1, "second attention layer");
    weights.nameBiased("asp.conv.conv", scores);
    OnnxNode tanh = match.node(scores.input(), "Tanh", "attention's nonlinearity");
    Tdnn hidden = tdnn(tanh.input(0), "first attention layer");
    name("asp.tdnn", hidden);
    OnnxNode context = match.node(hidden.input(), "Concat", "x, mean and deviation");
    requireConcat(context, 3, 3);
    match.requireSame(context, context.input(0), x, "the pooled value");
    String mean = repeated(context.input(1));
    OnnxNode plain = weighted(mean);
    temporal.requireExtentsAlone(plain, 0, "weights of the global mean");
    match.requireSame(plain, plain.input(1), x, "the pooled value");
    requireDeviation(context, repeated(context.input(2)), plain.input(0), x, mean);
    match.recognised("attentive pooling with global context");
    Tdnn mfa = tdnn(x, "aggregation of all blocks");
    name("mfa", mfa);
    return mfa;
  }

  private void requireConcat(OnnxNode concat, int inputs, int rank) throws CheckpointException {
    match.requireAxis(concat, match.integers(concat, "axis", -1), 1, rank);
    if (concat.inputs().size() != inputs) {
      throw match.refuse(
          concat, "joins %d values, expected %d".formatted(concat.inputs().size(), inputs));
    }
  }

  /** The product whose sum over time a value is. */
  private OnnxNode weighted(String value) throws CheckpointException {
    String product = pooling.reduce("ReduceSum", value, 2, 3, false, "weighted mean");
    return match.node(product, "Mul", "weight · x");
  }

  /** sqrt(max(sum(weight · (x - mean)²), 1e-12)). */
  private void requireDeviation(OnnxNode reader, String value, String weight, String x, String mean)
      throws CheckpointException {
    OnnxNode sqrt = match.node(value, "Sqrt", "weighted deviation");
    String variance =
        match.clip(
            sqrt.input(0),
            Node.ContextAttentivePooling.VARIANCE_FLOOR,
            Double.POSITIVE_INFINITY,
            "floor of the variance");
    OnnxNode times = weighted(variance);
    match.requireSame(times, times.input(0), weight, "the weights of the mean");
    String difference = pooling.square(times.input(1), "(x - mean)²");
    OnnxNode less = match.node(difference, "Sub", "x - mean");
    match.requireSame(less, less.input(0), x, "the pooled value");
    match.requireSame(reader, unsqueezed(less.input(1)), mean, "its mean");
  }

  /** The value (N, C) that is repeated at all frames. */
  private String repeated(String value) throws CheckpointException {
    for (String op : List.of("Tile", "Expand")) {
      if (match.is(value, op)) {
        OnnxNode node = match.node(value, op, "statistics at each frame");
        temporal.requireExtentsAlone(node, 1, "number of frames");
        value = node.input(0);
      }
    }
    return unsqueezed(value);
  }

  private Tdnn tdnn(String value, String role) throws CheckpointException {
    Norm norm = layers.norm(value, role);
    String relu = match.node(norm.input(), "Relu", role).input(0);
    return new Tdnn(temporal.reflected(relu, temporal.kernel(relu, role), role), norm);
  }

  private void name(String name, Tdnn tdnn) {
    weights.nameBiased(name + ".conv.conv", tdnn.conv());
    weights.name(name + ".norm.norm", tdnn.norm());
  }

  /** Names the layers of the block that computes a value; returns its input. */
  private String block(String name, String value) throws CheckpointException {
    OnnxNode sum = match.node(value, "Add", "block and shortcut");
    int main = match.is(sum.input(0), "Mul") ? 0 : 1;
    Tdnn tdnn2 = tdnn(excited(name + ".se_block", sum.input(main)), "last layer of a block");
    name(name + ".tdnn2", tdnn2);
    Tdnn tdnn1 = tdnn(res2net(name + ".res2net_block", tdnn2.input()), "first layer of a block");
    name(name + ".tdnn1", tdnn1);
    String beside = sum.input(1 - main);
    if (!match.same(beside, tdnn1.input())) {
      Layer shortcut = temporal.reflected(beside, 1, "shortcut of a block");
      match.requireSame(sum, shortcut.input(), tdnn1.input(), "the block's input");
      weights.nameBiased(name + ".shortcut.conv", shortcut);
    }
    return tdnn1.input();
  }

  /** Squeeze-and-excitation; returns what is scaled. */
  private String excited(String name, String value) throws CheckpointException {
    OnnxNode times = match.node(value, "Mul", "squeeze-and-excitation");
    int gate = match.is(times.input(0), "Sigmoid") ? 0 : 1;
    OnnxNode sigmoid = match.node(times.input(gate), "Sigmoid", "squeeze-and-excitation");
    Layer expand = temporal.reflected(sigmoid.input(0), 1, "second layer of the excitation");
    String relu = match.node(expand.input(), "Relu", "inside the excitation").input(0);
    Layer squeeze = temporal.reflected(relu, 1, "first layer of the excitation");
    String mean = pooling.reduce("ReduceMean", squeeze.input(), 2, 3, true, "squeeze");
    match.requireSame(times, mean, times.input(1 - gate), "what is scaled");
    weights.nameBiased(name + ".conv1.conv", squeeze);
    weights.nameBiased(name + ".conv2.conv", expand);
    return mean;
  }

  /** The chain of convolutions over the parts of a value; returns that value. */
  private String res2net(String name, String joined) throws CheckpointException {
    OnnxNode concat = match.node(joined, "Concat", "parts of a block");
    int parts = concat.inputs().size();
    requireConcat(concat, parts, 3);
    List<OnnxNode> slices = new ArrayList<>();
    slices.add(match.node(concat.input(0), "Slice", "first part of a block"));
    int dilation = 1;
    for (int part = 1; part < parts; part++) {
      Tdnn tdnn = tdnn(concat.input(part), "layer of a part");
      name(name + ".blocks." + (part - 1), tdnn);
      dilation = OnnxTemporal.dilation(tdnn.conv());
      String in = tdnn.input();
      if (part > 1) {
        OnnxNode sum = match.node(in, "Add", "a part and the result before it");
        int slice = match.is(sum.input(0), "Slice") ? 0 : 1;
        match.requireSame(sum, sum.input(1 - slice), concat.input(part - 1), "result before it");
        in = sum.input(slice);
      }
      slices.add(match.node(in, "Slice", "part of a block"));
    }
    dilations.addFirst(dilation);
    requireParts(slices);
    return slices.get(0).input(0);
  }

  /** Each part begins where the one before it ends. */
  private void requireParts(List<OnnxNode> slices) throws CheckpointException {
    for (int i = 0; i < slices.size(); i++) {
      OnnxNode slice = slices.get(i);
      match.requireSame(slice, slice.input(0), slices.get(0).input(0), "the value in parts");
      match.requireAxis(slice, match.integers(slice, "axes", 3), 1, 3);
      temporal.requireExtentsAlone(slice, 2, "end of a part");
      if (i == 0) {
        if (!match.integers(slice, "starts", 1).equals(List.of(0L))) {
          throw match.refuse(slice, "does not begin at the first channel");
        }
      } else {
        match.requireSame(slice, slice.input(1), slices.get(i - 1).input(2), "end of part before");
      }
    }
  }
}
