package io.voiceprint.model;

import io.voiceprint.checkpoint.CheckpointException;
import io.voiceprint.checkpoint.OnnxNode;
import io.voiceprint.model.OnnxFusions.Fusion;
import io.voiceprint.model.OnnxLayers.Layer;
import java.util.ArrayList;
import java.util.List;

/** Reads the residual blocks of the Res2Net family. */
final class OnnxResidualBlocks {
  private static final double CLIP = 20;

  private final OnnxMatcher match;
  private final OnnxLayers layers;
  private final OnnxFusions fusions;

  OnnxResidualBlocks(OnnxMatcher match, OnnxLayers layers, OnnxFusions fusions) {
    this.match = match;
    this.layers = layers;
    this.fusions = fusions;
  }

  /**
   * A residual block.
   *
   * @param joins the fusions of its parts, empty where they are summed
   * @param shortcut {@code null} where the input itself is added
   */
  record Block(
      String input,
      String output,
      Layer conv1,
      List<Layer> convs,
      List<Fusion> joins,
      Layer conv3,
      Layer shortcut) {}

  /** Reads the block that computes a value. */
  Block block(String output) throws CheckpointException {
    OnnxNode sum =
        match.node(match.clip(output, 0, CLIP, "end of a block"), "Add", "residual and shortcut");
    int main = isConvOfConcat(sum.input(0)) ? 0 : 1;
    Layer conv3 = layers.conv(sum.input(main), 4, 1, "last convolution of a block");
    layers.requireStride(conv3, 1);
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
          layers.conv(
              match.clip(result, 0, CLIP, "part of a block"), 4, 3, "convolution of a part");
      layers.requireStride(conv, 1);
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
        layers.conv(
            match.clip(split.input(0), 0, CLIP, "before the split of a block"),
            4,
            1,
            "first convolution of a block");
    String beside = sum.input(1 - main);
    Layer shortcut = null;
    if (!match.same(beside, conv1.input())) {
      shortcut = layers.conv(beside, 4, 1, "shortcut of a block");
      layers.requireStride(shortcut, conv1.stride());
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
      Fusion fusion = fusions.fusion(conv.input());
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
}
