package io.voiceprint.model;

import io.voiceprint.checkpoint.StateDict;
import io.voiceprint.model.Res2NetArchitecture.Family;
import io.voiceprint.model.StateShapes.Axis;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Infers from the names and shapes of a state dict which network of the Res2Net family it holds.
 */
final class Res2NetReader {
  private static final Pattern BLOCK = Pattern.compile("layer([1-4])\\.([0-9]{1,3})\\..+");
  private static final Pattern PART =
      Pattern.compile("layer[1-4]\\.[0-9]{1,3}\\.convs\\.([0-9]{1,2})\\.weight");
  private static final int MAX_BASE_WIDTH = 1024;
  private static final int DEFAULT_MEL_BINS = 80;
  private static final int MAX_CHANNELS = 4096;
  private static final int MAX_EXPANSION = 64;

  private final StateDict dict;
  private final StateShapes shapes;
  private final ModelConfig config;

  Res2NetReader(StateDict dict, ModelConfig config) {
    this.dict = dict;
    this.shapes = new StateShapes(dict);
    this.config = config;
  }

  /**
   * The network's constructor arguments.
   *
   * @param requested the user's choice of pooling, or {@code null} to infer it
   * @return {@code null} if the state dict is of no network of the family
   * @throws ModelException if it is of one that is too large, or the pooling cannot be told
   */
  Res2NetArchitecture read(Pooling requested) {
    Family family = family();
    if (family == null) {
      return null;
    }
    int channels =
        shapes.majority(
            new Axis("conv1.weight", 0),
            new Axis("bn1.weight", 0),
            new Axis("layer1.0.conv1.weight", 1));
    requireAtMost(MAX_CHANNELS, "m_channels", channels);
    List<Integer> blocks = blocks();
    int scale = family.scale(parts());
    int expansion = expansion(channels);
    requireAtMost(MAX_EXPANSION, "expansion", expansion);
    int baseWidth = baseWidth(channels, scale);
    int melBins = config.integer("feat_dim", DEFAULT_MEL_BINS);
    if (melBins < 8 || melBins % 8 != 0 || melBins > 1024) {
      throw new ModelException(
          "%s: feat_dim=%d is not a multiple of 8 up to 1024".formatted(config.origin(), melBins));
    }
    int embeddingSize =
        shapes.majority(
            new Axis("seg_1.weight", 0), new Axis("seg_1.bias", 0), new Axis("seg_2.weight", 1));
    boolean twoLayers = dict.tensor("seg_2.weight") != null;
    Res2NetArchitecture found =
        new Res2NetArchitecture(
            family,
            melBins,
            channels,
            blocks,
            baseWidth,
            scale,
            expansion,
            Pooling.TSTP,
            embeddingSize,
            twoLayers);
    Res2NetArchitecture net = found.withPooling(pooling(found, requested));
    checkAgainstConfig(net);
    return net;
  }

  private void requireAtMost(int most, String argument, int found) {
    if (found > most) {
      throw new ModelException(
          "%s: %s=%d; at most %d is supported".formatted(dict.source(), argument, found, most));
    }
  }

  /** Which class, or {@code null} if it is none of this family. */
  private Family family() {
    if (shapes.has("fuse_mode1234.") || shapes.has("layer1_downsample.")) {
      return Family.ERES2NET;
    }
    if (shapes.has("fuse34.") || shapes.has("layer3_ds.")) {
      return Family.ERES2NETV2;
    }
    if (shapes.has("layer1.0.convs.") && shapes.has("seg_1.")) {
      return Family.RES2NET;
    }
    return null;
  }

  private List<Integer> blocks() {
    int[] blocks = new int[4];
    for (String name : dict.names()) {
      Matcher matcher = BLOCK.matcher(name);
      if (matcher.matches()) {
        int stage = Integer.parseInt(matcher.group(1)) - 1;
        blocks[stage] = Math.max(blocks[stage], Integer.parseInt(matcher.group(2)) + 1);
      }
    }
    List<Integer> list = new ArrayList<>();
    for (int stage = 0; stage < 4; stage++) {
      if (blocks[stage] == 0) {
        throw new ModelException("%s: no key of layer%d".formatted(dict.source(), stage + 1));
      }
      list.add(blocks[stage]);
    }
    return list;
  }

  private int parts() {
    int parts = 0;
    for (String name : dict.names()) {
      Matcher matcher = PART.matcher(name);
      if (matcher.matches()) {
        parts = Math.max(parts, Integer.parseInt(matcher.group(1)) + 1);
      }
    }
    if (parts == 0) {
      throw new ModelException(dict.source() + ": no key layer1.0.convs.0.weight");
    }
    return parts;
  }

  private int expansion(int channels) {
    Map<Integer, Integer> votes = new HashMap<>();
    for (int stage = 1; stage <= 4; stage++) {
      int out = shapes.extent("layer" + stage + ".0.conv3.weight", 0);
      int planes = channels << (stage - 1);
      if (out >= planes && out % planes == 0) {
        votes.merge(out / planes, 1, Integer::sum);
      }
    }
    return shapes.winner(votes, "the expansion of the blocks (layer1.0.conv3.weight)");
  }

  /**
   * The base width that explains the part widths of most stages; several may give the same widths.
   */
  private int baseWidth(int channels, int scale) {
    int[] partWidths = new int[4];
    int[] joinedWidths = new int[4];
    for (int stage = 0; stage < 4; stage++) {
      partWidths[stage] = shapes.extent("layer" + (stage + 1) + ".0.convs.0.weight", 0);
      joinedWidths[stage] = shapes.extent("layer" + (stage + 1) + ".0.conv1.weight", 0);
    }
    int best = 0;
    int bestVotes = 0;
    for (int baseWidth = 1; baseWidth <= MAX_BASE_WIDTH; baseWidth++) {
      int votes = 0;
      for (int stage = 0; stage < 4; stage++) {
        int width = Res2NetArchitecture.width(channels << stage, baseWidth);
        if (width > 0 && partWidths[stage] == width) {
          votes++;
        }
        if (width > 0 && joinedWidths[stage] == width * scale) {
          votes++;
        }
      }
      if (votes > bestVotes || (votes == bestVotes && isStandard(baseWidth) && !isStandard(best))) {
        bestVotes = votes;
        best = baseWidth;
      }
    }
    if (best == 0) {
      throw new ModelException(
          "%s: no base width explains the shapes of layer1.0.convs.0.weight to layer4.0.convs.0.weight"
              .formatted(dict.source()));
    }
    return best;
  }

  /**
   * The base widths of the published networks; preferred where others would give the same widths.
   */
  private static boolean isStandard(int baseWidth) {
    return baseWidth == 32 || baseWidth == 26 || baseWidth == 24;
  }

  private Pooling pooling(Res2NetArchitecture net, Pooling requested) {
    Pooling configured = null;
    if (config.string("pooling_func") != null) {
      try {
        configured = Pooling.parse(config.string("pooling_func"));
      } catch (IllegalArgumentException e) {
        throw new ModelException("%s: %s".formatted(config.origin(), e.getMessage()), e);
      }
    }
    Pooling stated = requested != null ? requested : configured;
    if (shapes.has("pool.linear1.")) {
      return agree(Pooling.ASTP, stated, "the attention weights pool.linear1.*");
    }
    int in = shapes.extent("seg_1.weight", 1);
    if (in == 2 * net.pooledRows()) {
      return agree(Pooling.TSTP, stated, "seg_1.weight's %d columns".formatted(in));
    }
    if (in == net.pooledRows()) {
      if (stated == null) {
        throw new ModelException(
            ("%s: %s: the weights do not tell whether its pooling is TAP or TSDP; say so with --pooling TAP or "
                    + "--pooling TSDP, or with \"pooling_func\" in a config.json beside the file")
                .formatted(dict.source(), describe(net)));
      }
      return stated == Pooling.TAP
          ? Pooling.TAP
          : agree(Pooling.TSDP, stated, "seg_1.weight's %d columns".formatted(in));
    }
    return stated != null ? stated : Pooling.TSTP;
  }

  private Pooling agree(Pooling found, Pooling stated, String evidence) {
    if (stated != null && stated != found) {
      throw new ModelException(
          "%s: pooling %s was asked for, but %s show that it is %s"
              .formatted(dict.source(), stated, evidence, found));
    }
    return found;
  }

  private void checkAgainstConfig(Res2NetArchitecture net) {
    String blocks = net.blocks().stream().map(String::valueOf).collect(Collectors.joining(","));
    config.require("m_channels", String.valueOf(net.channels()), dict.source());
    config.require("embedding_size", String.valueOf(net.embeddingSize()), dict.source());
    config.require("num_blocks", blocks, dict.source());
    config.require("scale", String.valueOf(net.scale()), dict.source());
    config.require("expansion", String.valueOf(net.expansion()), dict.source());
    config.require("two_emb_layer", String.valueOf(net.twoEmbeddingLayers()), dict.source());
  }

  private static String describe(Res2NetArchitecture net) {
    return "%s with m_channels=%d".formatted(net.family().paperName(), net.channels());
  }
}
