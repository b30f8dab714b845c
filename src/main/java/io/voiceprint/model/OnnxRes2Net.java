package io.voiceprint.model;

import io.voiceprint.checkpoint.CheckpointException;
import io.voiceprint.checkpoint.OnnxGraph;
import io.voiceprint.checkpoint.OnnxNode;
import io.voiceprint.checkpoint.StateDict;
import io.voiceprint.checkpoint.StoredTensor;
import io.voiceprint.graph.Tensor;
import io.voiceprint.model.OnnxMatcher.Layer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Recognises a network of the Res2Net family in an ONNX graph by its structure alone, from the
 * embedding back to the features, and gives its weights the names that a checkpoint with batch norm
 * folded in has. The twin of {@link Res2NetFamily}, which builds what is recognised here.
 */
final class OnnxRes2Net {
  private static final double CLIP = 20;
  private static final int MEL_STRIDE = 8;

  private final OnnxGraph graph;
  private final OnnxMatcher match;
  private final Map<String, StoredTensor> tensors = new LinkedHashMap<>();

  private OnnxRes2Net(StateDict file) {
    this.graph = file.network();
    this.match = new OnnxMatcher(graph);
  }

  /**
   * Attentional fusion of two values.
   *
   * @param x the first value, scaled by 1 + a
   * @param y the second, scaled by 1 - a
   */
  private record Fusion(String x, String y, Layer squeeze, Layer expand) {}

  /**
   * A residual block.
   *
   * @param joins the fusions of its parts, empty where they are summed
   * @param shortcut {@code null} where the input itself is added
   */
  private record Block(
      String input,
      String output,
      Layer conv1,
      List<Layer> convs,
      List<Fusion> joins,
      Layer conv3,
      Layer shortcut) {}

  /**
   * Recognises the network of a file.
   *
   * @param file an ONNX file
   * @throws ModelException if it is no network of the family, naming the node that does not fit
   */
  static OnnxNetwork read(StateDict file) throws CheckpointException {
    return new OnnxRes2Net(file).read();
  }

  private OnnxNetwork read() throws CheckpointException {
    Layer seg1 = embedding(graph.outputs().get(0));
    OnnxPooling.Found pool = new OnnxPooling(match).read(seg1.input());
    match.recognised(pool.pooling() + " pooling");
    Deque<Fusion> fusions = new ArrayDeque<>();
    Deque<Layer> downsamples = new ArrayDeque<>();
    String last = fusions(pool.input(), fusions, downsamples);
    List<List<Block>> stages = stages(last);
    nameFusions(fusions, downsamples, stages);
    if (pool.hidden() != null) {
      name("pool.linear1", pool.hidden(), true);
      name("pool.linear2", pool.scores(), true);
    }
    int rows = seg1.weight().extent(1) / pool.pooling().statistics();
    int planes = stages.get(3).get(0).conv3().weight().extent(0);
    int melBins = rows / planes * MEL_STRIDE;
    match.requireMelBins(melBins);
    return new OnnxNetwork(
        StateDict.of(graph.source(), tensors, graph.metadata()),
        pool.pooling(),
        Map.of("feat_dim", String.valueOf(melBins)));
  }

  /** The one or two fully connected layers at the end; returns the first. */
  private Layer embedding(String output) throws CheckpointException {
    Layer last = match.gemm(output, "embedding");
    boolean normed = match.is(last.input(), "BatchNormalization");
    if (!normed && !match.is(last.input(), "Relu")) {
      name("seg_1", last, true);
      match.recognised("embedding layer of " + last.weight().extent(0));
      return last;
    }
    LayerWeights seg2 = new LayerWeights(last.weight(), last.bias());
    String activated = last.input();
    if (normed) {
      OnnxNode norm = match.node(last.input(), "BatchNormalization", "between embedding layers");
      BatchNorm folded = match.batchNorm(norm);
      if (folded.scale().length != last.weight().extent(1)) {
        throw match.refuse(norm, "has %d channels".formatted(folded.scale().length));
      }
      seg2 = folded.foldIntoLinearBehind(last.weight(), last.bias().data());
      activated = norm.input(0);
    }
    OnnxNode relu = match.node(activated, "Relu", "between the embedding layers");
    Layer first = match.gemm(relu.input(0), "first embedding layer");
    name("seg_1", first, true);
    put("seg_2.weight", seg2.weight());
    put("seg_2.bias", seg2.bias());
    match.recognised("two embedding layers of " + last.weight().extent(0));
    return first;
  }

  /**
   * The chain of global fusions, last one first: fuse(out4, down(fuse(out3, ...))); returns the
   * output of the last stage.
   */
  private String fusions(String value, Deque<Fusion> fusions, Deque<Layer> downsamples)
      throws CheckpointException {
    String next = value;
    while (match.is(next, "Add") && fusions.size() < 3) {
      Fusion fusion = fusion(next);
      Layer downsample = match.conv(fusion.y(), 4, 3, "downsampling of the stages below");
      requireStride(downsample, 2);
      fusions.addFirst(fusion);
      downsamples.addFirst(downsample);
      match.recognised("fusion of stages");
      next = downsample.input();
    }
    return fusions.isEmpty() ? value : fusions.getLast().x();
  }

  private void nameFusions(
      Deque<Fusion> fusions, Deque<Layer> downsamples, List<List<Block>> stages)
      throws CheckpointException {
    if (fusions.isEmpty()) {
      return;
    }
    if (fusions.size() == 1) {
      Layer downsample = downsamples.getFirst();
      match.requireSame(downsample.node(), downsample.input(), output(stages, 3), "stage 3");
      name("layer3_ds", downsample, false);
      nameFusion("fuse34", fusions.getFirst());
      return;
    }
    if (fusions.size() != 3) {
      throw match.refuse(
          downsamples.getFirst().node(),
          "begins %d fusions of stages, expected 3 (ERes2Net), 1 (ERes2NetV2) or none (Res2Net)"
              .formatted(fusions.size()));
    }
    match.requireSame(
        downsamples.getFirst().node(),
        downsamples.getFirst().input(),
        output(stages, 1),
        "stage 1");
    String fused = "1";
    for (int stage = 2; stage <= 4; stage++) {
      Fusion fusion = fusions.removeFirst();
      Layer downsample = downsamples.removeFirst();
      match.requireSame(
          fusion.squeeze().node(), fusion.x(), output(stages, stage), "stage " + stage);
      fused += stage;
      name("layer%d_downsample".formatted(stage - 1), downsample, false);
      nameFusion("fuse_mode" + fused, fusion);
    }
  }

  private static String output(List<List<Block>> stages, int stage) {
    List<Block> blocks = stages.get(stage - 1);
    return blocks.get(blocks.size() - 1).output();
  }

  /**
   * All blocks down to the stem, by stage; a stage other than the first begins with a stride of 2.
   */
  private List<List<Block>> stages(String output) throws CheckpointException {
    Deque<List<Block>> stages = new ArrayDeque<>();
    Deque<Block> blocks = new ArrayDeque<>();
    String value = output;
    while (match.is(value, "Clip")) {
      Block block = block(value);
      blocks.addFirst(block);
      match.recognised("residual block");
      value = block.input();
      if (block.conv1().stride() == 2) {
        stages.addFirst(List.copyOf(blocks));
        blocks.clear();
      } else {
        requireStride(block.conv1(), 1);
      }
    }
    stages.addFirst(List.copyOf(blocks));
    OnnxNode relu = match.node(value, "Relu", "end of the stem, or Clip, end of a residual block");
    if (stages.size() != 4 || blocks.isEmpty()) {
      throw match.refuse(
          relu,
          "is followed by %d stages, each but the first beginning with stride 2; expected 4"
              .formatted(blocks.isEmpty() ? stages.size() - 1 : stages.size()));
    }
    stem(relu);
    List<List<Block>> ordered = List.copyOf(stages);
    for (int stage = 1; stage <= 4; stage++) {
      for (int i = 0; i < ordered.get(stage - 1).size(); i++) {
        nameBlock("layer%d.%d".formatted(stage, i), ordered.get(stage - 1).get(i));
      }
    }
    return ordered;
  }

  private void stem(OnnxNode relu) throws CheckpointException {
    Layer conv = match.conv(relu.input(0), 4, 3, "stem");
    requireStride(conv, 1);
    name("conv1", conv, true);
    match.requireFeatures(match.channelAxis(conv.input()));
  }

  private Block block(String output) throws CheckpointException {
    OnnxNode sum =
        match.node(match.clip(output, 0, CLIP, "end of a block"), "Add", "residual and shortcut");
    int main = isConvOfConcat(sum.input(0)) ? 0 : 1;
    Layer conv3 = match.conv(sum.input(main), 4, 1, "last convolution of a block");
    requireStride(conv3, 1);
    OnnxNode concat = match.node(conv3.input(), "Concat", "parts of a block");
    match.requireAxis(concat, match.integers(concat, "axis", -1), 1, 4);

    List<Layer> convs = new ArrayList<>();
    List<Fusion> joins = new ArrayList<>();
    OnnxNode split = null;
    for (int i = 0; i < concat.inputs().size(); i++) {
      String result = concat.input(i);
      if (i > 0 && i == concat.inputs().size() - 1 && match.is(result, "Split")) {
        requirePart(concat, result, split, i);
        continue;
      }
      Layer conv =
          match.conv(match.clip(result, 0, CLIP, "part of a block"), 4, 3, "convolution of a part");
      requireStride(conv, 1);
      convs.add(conv);
      String part = conv.input();
      if (i > 0) {
        part = join(conv, concat.input(i - 1), joins);
      } else {
        split = match.node(part, "Split", "parts of a block");
      }
      requirePart(conv.node(), part, split, i);
    }
    if (split == null || split.outputs().size() != concat.inputs().size()) {
      throw match.refuse(concat, "does not join all parts of the block");
    }
    requireEqualParts(split, convs.get(0));

    Layer conv1 =
        match.conv(
            match.clip(split.input(0), 0, CLIP, "before the split of a block"),
            4,
            1,
            "first convolution of a block");
    String beside = sum.input(1 - main);
    Layer shortcut = null;
    if (!match.same(beside, conv1.input())) {
      shortcut = match.conv(beside, 4, 1, "shortcut of a block");
      requireStride(shortcut, conv1.stride());
      match.requireSame(shortcut.node(), shortcut.input(), conv1.input(), "the block's input");
    }
    return new Block(conv1.input(), output, conv1, convs, joins, conv3, shortcut);
  }

  private boolean isConvOfConcat(String value) {
    String input = value;
    for (String op : List.of("BatchNormalization", "Conv")) {
      if (match.is(input, op)) {
        input = match.node(input, op, "").input(0);
      }
    }
    return match.is(input, "Concat");
  }

  /** How a part meets the result of the part before: fused or summed; returns the part. */
  private String join(Layer conv, String previous, List<Fusion> joins) throws CheckpointException {
    OnnxNode add = match.node(conv.input(), "Add", "a part and the result before it");
    if (match.is(add.input(0), "Mul")) {
      Fusion fusion = fusion(conv.input());
      match.requireSame(add, fusion.x(), previous, "the result of the part before");
      joins.add(fusion);
      return fusion.y();
    }
    int first = match.same(add.input(0), previous) ? 0 : 1;
    match.requireSame(add, add.input(first), previous, "the result of the part before");
    return add.input(1 - first);
  }

  private void requirePart(OnnxNode reader, String part, OnnxNode split, int index) {
    if (index >= split.outputs().size()) {
      throw match.refuse(split, "has %d parts".formatted(split.outputs().size()));
    }
    match.requireSame(reader, part, split.outputs().get(index), "part " + index + " of the block");
  }

  private void requireEqualParts(OnnxNode split, Layer conv) throws CheckpointException {
    match.requireAttribute(split, "axis", 1, 0);
    long width = conv.weight().extent(1);
    List<Long> sizes = match.integers(split, "split", 1);
    if (!sizes.stream().allMatch(size -> size == width)) {
      throw match.refuse(split, "splits into %s, expected parts of %d".formatted(sizes, width));
    }
  }

  /** x·(1 + a) + y·(1 - a), where a = tanh(expand(silu(squeeze([x; y])))). */
  private Fusion fusion(String value) throws CheckpointException {
    OnnxNode sum = match.node(value, "Add", "attentional fusion");
    OnnxNode timesX = match.node(sum.input(0), "Mul", "x · (1 + a)");
    OnnxNode timesY = match.node(sum.input(1), "Mul", "y · (1 - a)");
    OnnxNode gateX = match.node(timesX.input(1), "Add", "1 + a");
    OnnxNode tanh = match.node(match.besideScalar(gateX, 1, "1 + a"), "Tanh", "gate of the fusion");
    OnnxNode gateY = match.node(timesY.input(1), "Sub", "2 - (1 + a)");
    Double two = match.scalar(gateY.input(0));
    if (two == null || two != 2) {
      throw match.refuse(gateY, "expected the constant 2 as the first input (1 - a)");
    }
    match.requireSame(gateY, gateY.input(1), timesX.input(1), "1 + a");
    Layer expand = match.conv(tanh.input(0), 4, 1, "second convolution of the fusion");
    requireStride(expand, 1);
    Layer squeeze = match.conv(silu(expand.input()), 4, 1, "first convolution of the fusion");
    requireStride(squeeze, 1);
    OnnxNode concat = match.node(squeeze.input(), "Concat", "[x; y]");
    match.requireAxis(concat, match.integers(concat, "axis", -1), 1, 4);
    if (concat.inputs().size() != 2) {
      throw match.refuse(concat, "joins %d values, expected 2".formatted(concat.inputs().size()));
    }
    match.requireSame(concat, concat.input(0), timesX.input(0), "x");
    match.requireSame(concat, concat.input(1), timesY.input(0), "y");
    return new Fusion(timesX.input(0), timesY.input(0), squeeze, expand);
  }

  private String silu(String value) {
    OnnxNode times = match.node(value, "Mul", "SiLU of the fusion");
    int gate = match.is(times.input(1), "Sigmoid") ? 1 : 0;
    OnnxNode sigmoid = match.node(times.input(gate), "Sigmoid", "SiLU of the fusion");
    match.requireSame(times, times.input(1 - gate), sigmoid.input(0), "SiLU of one value");
    return sigmoid.input(0);
  }

  private void requireStride(Layer conv, int stride) {
    if (conv.stride() != stride) {
      throw match.refuse(
          conv.node(), "has stride %d, expected %d".formatted(conv.stride(), stride));
    }
  }

  private void nameBlock(String name, Block block) {
    name(name + ".conv1", block.conv1(), true);
    for (int i = 0; i < block.convs().size(); i++) {
      name(name + ".convs." + i, block.convs().get(i), true);
    }
    for (int i = 0; i < block.joins().size(); i++) {
      nameFusion(name + ".fuse_models." + i, block.joins().get(i));
    }
    name(name + ".conv3", block.conv3(), true);
    if (block.shortcut() != null) {
      name(name + ".shortcut.0", block.shortcut(), true);
    }
  }

  private void nameFusion(String name, Fusion fusion) {
    name(name + ".local_att.0", fusion.squeeze(), true);
    name(name + ".local_att.3", fusion.expand(), true);
  }

  private void name(String name, Layer layer, boolean biased) {
    put(name + ".weight", layer.weight());
    Tensor bias = layer.bias();
    if (biased) {
      int channels = layer.weight().extent(0);
      put(name + ".bias", bias == null ? Tensor.of(new float[channels], channels) : bias);
    } else if (bias != null) {
      throw match.refuse(layer.node(), "has a bias, which %s has not".formatted(name));
    }
  }

  private void put(String name, Tensor tensor) {
    tensors.put(name, new FoldedTensor(name, tensor));
  }
}
