package io.voiceprint.model;

import static io.voiceprint.graph.Activation.NONE;
import static io.voiceprint.graph.Activation.RELU;
import static io.voiceprint.graph.Activation.RELU20;

import io.voiceprint.checkpoint.CheckpointException;
import io.voiceprint.graph.Graph;
import io.voiceprint.graph.GraphBuilder;
import io.voiceprint.graph.Node;
import io.voiceprint.graph.Statistics;
import io.voiceprint.graph.Value;
import java.util.ArrayList;
import java.util.List;

/**
 * Builds the graphs of ERes2Net (Chen et al., "An Enhanced Res2Net with Local and Global Feature
 * Fusion for Speaker Verification", Interspeech 2023), ERes2NetV2 (Chen et al., Interspeech 2024)
 * and their Res2Net baseline as 3D-Speaker implements them. Node names are the names of the
 * original modules.
 */
final class Res2NetFamily {
  /** Channels inside an attentional fusion are a quarter of those outside (the papers' r). */
  static final int FUSION_REDUCTION = 4;

  /**
   * Hidden units of the attentive pooling: the default of 3D-Speaker, which its networks do not
   * change.
   */
  static final int ATTENTION_HIDDEN = 128;

  private final Res2NetArchitecture net;
  private final LayerSource weights;
  private final GraphBuilder graph;

  private Res2NetFamily(Res2NetArchitecture net, LayerSource weights) {
    this.net = net;
    this.weights = weights;
    this.graph = new GraphBuilder(net.melBins());
  }

  static Graph build(Res2NetArchitecture net, LayerSource weights) throws CheckpointException {
    Res2NetFamily family = new Res2NetFamily(net, weights);
    Value stem = family.stem();
    Value pooled =
        family.pool(
            switch (net.family()) {
              case ERES2NET -> family.fuseAllStages(stem);
              case ERES2NETV2 -> family.fuseLastStages(stem);
              case RES2NET -> family.stages(stem, 1, 4);
            });
    family.embed(pooled);
    return family.graph.build();
  }

  private Value stem() throws CheckpointException {
    LayerWeights conv = weights.convNorm("conv1", "bn1", net.channels(), 1, 3, 3);
    return graph.conv("stem", graph.input(), conv.weight(), conv.bias(), 1, RELU);
  }

  /**
   * Global feature fusion, bottom-up: each stage's output joins the fusion of all stages before it.
   */
  private Value fuseAllStages(Value stem) throws CheckpointException {
    Value out = stages(stem, 1, 1);
    Value fused = out;
    StringBuilder fusedStages = new StringBuilder("1");
    for (int stage = 2; stage <= 4; stage++) {
      out = stages(out, stage, stage);
      Value below = downsample("layer" + (stage - 1) + "_downsample", fused);
      fused = fuse("fuse_mode" + fusedStages.append(stage), out, below);
    }
    return fused;
  }

  /** ERes2NetV2 keeps only the fusion of the last two stages. */
  private Value fuseLastStages(Value stem) throws CheckpointException {
    Value out3 = stages(stem, 1, 3);
    Value out4 = stages(out3, 4, 4);
    return fuse("fuse34", out4, downsample("layer3_ds", out3));
  }

  private Value stages(Value x, int from, int to) throws CheckpointException {
    for (int stage = from; stage <= to; stage++) {
      for (int block = 0; block < net.blocks().get(stage - 1); block++) {
        x = block("layer" + stage + "." + block, x, stage, stage > 1 && block == 0 ? 2 : 1);
      }
    }
    return x;
  }

  /**
   * A residual block: 1×1, then a chain of 3×3 convolutions over the parts, then 1×1 plus the
   * shortcut.
   */
  private Value block(String name, Value x, int stage, int stride) throws CheckpointException {
    int width = net.width(stage);
    int in = x.map().channels();
    int out = net.outChannels(stage);
    LayerWeights conv1 =
        weights.convNorm(name + ".conv1", name + ".bn1", width * net.scale(), in, 1, 1);
    Value split = graph.conv(name + ".conv1", x, conv1.weight(), conv1.bias(), stride, RELU20);
    Value joined = graph.concat(name + ".concat", parts(name, split, stage, width));
    Value shortcut = x;
    if (stride != 1 || in != out) {
      LayerWeights conv =
          weights.convNorm(name + ".shortcut.0", name + ".shortcut.1", out, in, 1, 1);
      shortcut = graph.conv(name + ".shortcut", x, conv.weight(), conv.bias(), stride, NONE);
    }
    LayerWeights conv3 =
        weights.convNorm(name + ".conv3", name + ".bn3", out, width * net.scale(), 1, 1);
    return graph.conv(name, joined, shortcut, conv3.weight(), conv3.bias(), 1, RELU20);
  }

  /**
   * Local feature fusion: part i enters its 3×3 convolution joined with the result of part i - 1.
   */
  private List<Value> parts(String name, Value split, int stage, int width)
      throws CheckpointException {
    List<Value> results = new ArrayList<>();
    int convolutions = net.family().convolutions(net.scale());
    Value previous = null;
    for (int i = 0; i < net.scale(); i++) {
      Value part = graph.slice(name + ".split." + i, split, i * width, width);
      if (i < convolutions) {
        if (i > 0) {
          part =
              net.fusesParts(stage)
                  ? fuse(name + ".fuse_models." + (i - 1), previous, part)
                  : graph.add(name + ".add." + (i - 1), previous, part);
        }
        String conv = name + ".convs." + i;
        LayerWeights w = weights.convNorm(conv, name + ".bns." + i, width, width, 3, 3);
        part = graph.conv(conv, part, w.weight(), w.bias(), 1, RELU20);
      }
      results.add(part);
      previous = part;
    }
    return results;
  }

  private Value downsample(String name, Value x) throws CheckpointException {
    int channels = x.map().channels();
    LayerWeights conv = weights.conv(name, 2 * channels, channels, 3, 3);
    return graph.conv(name, x, conv.weight(), conv.bias(), 2, NONE);
  }

  private Value fuse(String name, Value x, Value y) throws CheckpointException {
    int channels = x.map().channels();
    int inner = channels / FUSION_REDUCTION;
    String att = name + ".local_att.";
    LayerWeights squeeze = weights.biasedConvNorm(att + 0, att + 1, inner, 2 * channels, 1, 1);
    LayerWeights expand = weights.biasedConvNorm(att + 3, att + 4, channels, inner, 1, 1);
    return graph.fuse(name, x, y, squeeze.matrix(), squeeze.bias(), expand.matrix(), expand.bias());
  }

  private Value pool(Value x) throws CheckpointException {
    return switch (net.pooling()) {
      case TSTP -> statistics(x, Statistics.MEAN_AND_STANDARD_DEVIATION);
      case TAP -> statistics(x, Statistics.MEAN);
      case TSDP -> statistics(x, Statistics.STANDARD_DEVIATION);
      case ASTP -> attentivePool(x);
    };
  }

  private Value statistics(Value x, Statistics statistics) {
    return graph.pool("pool", x, statistics, Node.StatisticsPooling.TSTP_EPSILON);
  }

  private Value attentivePool(Value x) throws CheckpointException {
    int rows = net.pooledRows();
    int hidden = ATTENTION_HIDDEN;
    LayerWeights first = weights.biased("pool.linear1", hidden, rows, 1);
    LayerWeights second = weights.biased("pool.linear2", rows, hidden, 1);
    return graph.attentivePool(
        "pool", x, first.matrix(), first.bias(), second.matrix(), second.bias());
  }

  private void embed(Value pooled) throws CheckpointException {
    int size = net.embeddingSize();
    LayerWeights seg1 = weights.biased("seg_1", size, pooled.vector().size());
    if (!net.twoEmbeddingLayers()) {
      graph.linear("seg_1", pooled, seg1.weight(), seg1.bias(), NONE);
      return;
    }
    Value hidden = graph.linear("seg_1", pooled, seg1.weight(), seg1.bias(), RELU);
    LayerWeights seg2 = weights.normLinear("seg_bn_1", false, "seg_2", size, size);
    graph.linear("seg_2", hidden, seg2.weight(), seg2.bias(), NONE);
  }
}
