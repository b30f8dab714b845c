package io.voiceprint.model;

import io.voiceprint.checkpoint.CheckpointException;
import io.voiceprint.checkpoint.OnnxGraph;
import io.voiceprint.checkpoint.OnnxNode;
import io.voiceprint.checkpoint.StateDict;
import io.voiceprint.model.OnnxFusions.Fusion;
import io.voiceprint.model.OnnxLayers.Layer;
import io.voiceprint.model.OnnxResidualBlocks.Block;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;

/**
 * Recognises a network of the Res2Net family in an ONNX graph by its structure alone, from the
 * embedding back to the features, and gives its weights the names that a checkpoint with batch norm
 * folded in has. The twin of {@link Res2NetFamily}, which builds what is recognised here.
 */
final class OnnxRes2Net {
  private static final int MEL_STRIDE = 8;

  private final OnnxGraph graph;
  private final OnnxMatcher match;
  private final OnnxLayers layers;
  private final OnnxFusions fusions;
  private final OnnxResidualBlocks residualBlocks;
  private final OnnxWeights weights;

  private OnnxRes2Net(StateDict file) {
    this.graph = file.network();
    this.match = new OnnxMatcher(graph);
    this.layers = new OnnxLayers(graph, match);
    this.fusions = new OnnxFusions(match, layers);
    this.residualBlocks = new OnnxResidualBlocks(match, layers, fusions);
    this.weights = new OnnxWeights(graph, match);
  }

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
    OnnxPooling.Found pool = new OnnxPooling(match, layers).read(seg1.input());
    match.recognised(pool.pooling() + " pooling");
    Deque<Fusion> found = new ArrayDeque<>();
    Deque<Layer> downsamples = new ArrayDeque<>();
    String last = fusions(pool.input(), found, downsamples);
    List<List<Block>> stages = stages(last);
    nameFusions(found, downsamples, stages);
    if (pool.hidden() != null) {
      weights.nameBiased("pool.linear1", pool.hidden());
      weights.nameBiased("pool.linear2", pool.scores());
    }
    int rows = seg1.weight().extent(1) / pool.pooling().statistics();
    int planes = stages.get(3).get(0).conv3().weight().extent(0);
    int melBins = rows / planes * MEL_STRIDE;
    match.requireMelBins(melBins);
    return new OnnxNetwork(
        weights.stateDict(), pool.pooling(), Map.of("feat_dim", String.valueOf(melBins)));
  }

  /** The one or two fully connected layers at the end; returns the first. */
  private Layer embedding(String output) throws CheckpointException {
    Layer last = layers.gemm(output, "embedding");
    boolean normed = match.is(last.input(), "BatchNormalization");
    if (!normed && !match.is(last.input(), "Relu")) {
      weights.nameBiased("seg_1", last);
      match.recognised("embedding layer of " + last.weight().extent(0));
      return last;
    }
    LayerWeights seg2 = new LayerWeights(last.weight(), last.bias());
    String activated = last.input();
    if (normed) {
      OnnxNode norm = match.node(last.input(), "BatchNormalization", "between embedding layers");
      BatchNorm folded = layers.batchNorm(norm);
      if (folded.scale().length != last.weight().extent(1)) {
        throw match.refuse(norm, "has %d channels".formatted(folded.scale().length));
      }
      seg2 = folded.foldIntoLinearBehind(last.weight(), last.bias().data());
      activated = norm.input(0);
    }
    OnnxNode relu = match.node(activated, "Relu", "between the embedding layers");
    Layer first = layers.gemm(relu.input(0), "first embedding layer");
    weights.nameBiased("seg_1", first);
    weights.put("seg_2.weight", seg2.weight());
    weights.put("seg_2.bias", seg2.bias());
    match.recognised("two embedding layers of " + last.weight().extent(0));
    return first;
  }

  /**
   * The chain of global fusions, last one first: fuse(out4, down(fuse(out3, ...))); returns the
   * output of the last stage.
   */
  private String fusions(String value, Deque<Fusion> found, Deque<Layer> downsamples)
      throws CheckpointException {
    String next = value;
    while (match.is(next, "Add") && found.size() < 3) {
      Fusion fusion = fusions.fusion(next);
      Layer downsample = layers.conv(fusion.y(), 4, 3, "downsampling of the stages below");
      layers.requireStride(downsample, 2);
      found.addFirst(fusion);
      downsamples.addFirst(downsample);
      match.recognised("fusion of stages");
      next = downsample.input();
    }
    return found.isEmpty() ? value : found.getLast().x();
  }

  private void nameFusions(Deque<Fusion> found, Deque<Layer> downsamples, List<List<Block>> stages)
      throws CheckpointException {
    if (found.isEmpty()) {
      return;
    }
    if (found.size() == 1) {
      Layer downsample = downsamples.getFirst();
      match.requireSame(downsample.node(), downsample.input(), output(stages, 3), "stage 3");
      weights.nameUnbiased("layer3_ds", downsample);
      nameFusion("fuse34", found.getFirst());
      return;
    }
    if (found.size() != 3) {
      throw match.refuse(
          downsamples.getFirst().node(),
          "begins %d fusions of stages, expected 3 (ERes2Net), 1 (ERes2NetV2) or none (Res2Net)"
              .formatted(found.size()));
    }
    match.requireSame(
        downsamples.getFirst().node(),
        downsamples.getFirst().input(),
        output(stages, 1),
        "stage 1");
    String fused = "1";
    for (int stage = 2; stage <= 4; stage++) {
      Fusion fusion = found.removeFirst();
      Layer downsample = downsamples.removeFirst();
      match.requireSame(
          fusion.squeeze().node(), fusion.x(), output(stages, stage), "stage " + stage);
      fused += stage;
      weights.nameUnbiased("layer" + (stage - 1) + "_downsample", downsample);
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
      Block block = residualBlocks.block(value);
      blocks.addFirst(block);
      match.recognised("residual block");
      value = block.input();
      if (block.conv1().stride() == 2) {
        stages.addFirst(List.copyOf(blocks));
        blocks.clear();
      } else {
        layers.requireStride(block.conv1(), 1);
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
        nameBlock("layer" + stage + "." + i, ordered.get(stage - 1).get(i));
      }
    }
    return ordered;
  }

  private void stem(OnnxNode relu) throws CheckpointException {
    Layer conv = layers.conv(relu.input(0), 4, 3, "stem");
    layers.requireStride(conv, 1);
    weights.nameBiased("conv1", conv);
    match.requireFeatures(match.channelAxis(conv.input()));
  }

  private void nameBlock(String name, Block block) {
    weights.nameBiased(name + ".conv1", block.conv1());
    for (int i = 0; i < block.convs().size(); i++) {
      weights.nameBiased(name + ".convs." + i, block.convs().get(i));
    }
    for (int i = 0; i < block.joins().size(); i++) {
      nameFusion(name + ".fuse_models." + i, block.joins().get(i));
    }
    weights.nameBiased(name + ".conv3", block.conv3());
    if (block.shortcut() != null) {
      weights.nameBiased(name + ".shortcut.0", block.shortcut());
    }
  }

  private void nameFusion(String name, Fusion fusion) {
    weights.nameBiased(name + ".local_att.0", fusion.squeeze());
    weights.nameBiased(name + ".local_att.3", fusion.expand());
  }
}
