package io.voiceprint.model;

import io.voiceprint.checkpoint.StateDict;
import io.voiceprint.model.StateShapes.Axis;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Infers the sizes of an ECAPA-TDNN from names and shapes. Dilations leave no trace there: they are
 * the published ones unless a configuration says otherwise.
 */
final class EcapaTdnnReader {
  private static final Pattern BLOCK = Pattern.compile("blocks\\.([0-9]{1,2})\\..+");
  private static final Pattern PART =
      Pattern.compile("blocks\\.1\\.res2net_block\\.blocks\\.([0-9]{1,2})\\.conv\\.conv\\.weight");
  private static final int MAX_CHANNELS = 1 << 14;

  private final StateDict dict;
  private final StateShapes shapes;
  private final ModelConfig config;

  EcapaTdnnReader(StateDict dict, ModelConfig config) {
    this.dict = dict;
    this.shapes = new StateShapes(dict);
    this.config = config;
  }

  /**
   * The network's constructor arguments, or {@code null} if the state dict is of another network.
   *
   * @throws ModelException if it looks like an ECAPA-TDNN whose sizes cannot be told
   */
  EcapaTdnnArchitecture read() {
    if (!shapes.has("blocks.0.conv.conv.") || !shapes.has("asp.")) {
      return null;
    }
    int blocks = shapes.largest(BLOCK);
    if (blocks < 1) {
      throw new ModelException(dict.source() + ": an ECAPA-TDNN without blocks.1");
    }
    List<Integer> channels = new ArrayList<>();
    List<Integer> kernelSizes = new ArrayList<>();
    channels.add(extent(0, "blocks.0.conv.conv.weight", "blocks.0.norm.norm.weight"));
    kernelSizes.add(extent(2, "blocks.0.conv.conv.weight"));
    for (int i = 1; i <= blocks; i++) {
      String block = "blocks." + i;
      channels.add(extent(0, block + ".tdnn2.conv.conv.weight", block + ".tdnn1.conv.conv.weight"));
      kernelSizes.add(extent(2, block + ".res2net_block.blocks.0.conv.conv.weight"));
    }
    channels.add(extent(0, "mfa.conv.conv.weight", "mfa.norm.norm.weight", "asp.conv.conv.weight"));
    kernelSizes.add(extent(2, "mfa.conv.conv.weight"));
    EcapaTdnnArchitecture net =
        new EcapaTdnnArchitecture(
            extent(1, "blocks.0.conv.conv.weight"),
            channels,
            kernelSizes,
            dilations(channels.size()),
            extent(0, "asp.tdnn.conv.conv.weight", "asp.tdnn.norm.norm.weight"),
            shapes.largest(PART) + 2,
            extent(0, "blocks.1.se_block.conv1.conv.weight", "blocks.1.se_block.conv1.conv.bias"),
            extent(0, "fc.conv.weight", "fc.conv.bias"));
    check(net);
    return net;
  }

  private int extent(int axis, String... keys) {
    return shapes.majority(
        Arrays.stream(keys).map(key -> new Axis(key, axis)).toArray(Axis[]::new));
  }

  /** 1, 2, 3, … and 1 for the aggregation, unless the configuration lists others. */
  private List<Integer> dilations(int layers) {
    String stated = config.string("dilations");
    List<Integer> dilations = new ArrayList<>();
    if (stated == null) {
      for (int i = 1; i < layers; i++) {
        dilations.add(i);
      }
      dilations.add(1);
      return dilations;
    }
    if (!stated.matches("[1-9][0-9]{0,2}(,[1-9][0-9]{0,2})*")) {
      throw new ModelException(
          "%s: dilations=%s is not a list of whole numbers".formatted(config.origin(), stated));
    }
    for (String item : stated.split(",", -1)) {
      dilations.add(Integer.parseInt(item));
    }
    if (dilations.size() != layers) {
      throw new ModelException(
          "%s: dilations=%s, but the network has %d layers"
              .formatted(config.origin(), stated, layers));
    }
    return dilations;
  }

  private void check(EcapaTdnnArchitecture net) {
    for (int channels : net.channels()) {
      if (channels > MAX_CHANNELS) {
        throw new ModelException(
            "%s: %d channels; at most %d are supported"
                .formatted(dict.source(), channels, MAX_CHANNELS));
      }
    }
    for (int block = 1; block <= net.blocks(); block++) {
      if (net.channels().get(block) % net.scale() != 0) {
        throw new ModelException(
            "%s: %d channels of blocks.%d do not divide into %d parts"
                .formatted(dict.source(), net.channels().get(block), block, net.scale()));
      }
    }
    if (shapes.extent("asp.tdnn.conv.conv.weight", 1)
        == net.channels().get(net.channels().size() - 1)) {
      throw new ModelException(
          dict.source()
              + ": an ECAPA-TDNN whose pooling has no global context (global_context=False) is not supported");
    }
    String channels = net.channels().stream().map(String::valueOf).collect(Collectors.joining(","));
    config.require("channels", channels, dict.source());
    config.require("input_size", String.valueOf(net.melBins()), dict.source());
    config.require("lin_neurons", String.valueOf(net.embeddingSize()), dict.source());
  }
}
