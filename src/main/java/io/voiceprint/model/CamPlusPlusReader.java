package io.voiceprint.model;

import io.voiceprint.checkpoint.StateDict;
import io.voiceprint.model.StateShapes.Axis;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;

/** Infers the sizes of a CAM++ from names and shapes. */
final class CamPlusPlusReader {
  private static final Pattern BLOCK = Pattern.compile("xvector\\.block([0-9]{1,2})\\..+");
  private static final int STAGES = 2;
  private static final int MAX_CHANNELS = 1 << 14;

  private final StateDict dict;
  private final StateShapes shapes;
  private final ModelConfig config;

  CamPlusPlusReader(StateDict dict, ModelConfig config) {
    this.dict = dict;
    this.shapes = new StateShapes(dict);
    this.config = config;
  }

  /**
   * The network's sizes, or {@code null} if the state dict is of another network.
   *
   * @throws ModelException if it looks like a CAM++ whose sizes cannot be told
   */
  CamPlusPlusArchitecture read() {
    if (!shapes.has("head.conv1.") || !shapes.has("xvector.tdnn.")) {
      return null;
    }
    List<Integer> headBlocks = new ArrayList<>();
    for (int stage = 1; stage <= STAGES; stage++) {
      headBlocks.add(count("head\\.layer" + stage + "\\.([0-9]{1,3})\\..+") + 1);
    }
    List<Integer> layers = new ArrayList<>();
    for (int block = 1; block <= Math.max(1, shapes.largest(BLOCK)); block++) {
      layers.add(count("xvector\\.block" + block + "\\.tdnnd([0-9]{1,3})\\..+"));
    }
    int headChannels =
        extent(0, "head.conv1.weight", "head.conv2.weight", "head.layer1.0.conv1.weight");
    int bins = shapes.extent("xvector.tdnn.linear.weight", 1) / headChannels * 8;
    String dense = "xvector.block1.tdnnd1.";
    CamPlusPlusArchitecture net;
    try {
      net =
          new CamPlusPlusArchitecture(
              bins > 0 ? bins : config.integer("feat_dim", 80),
              headChannels,
              headBlocks,
              extent(0, "xvector.tdnn.linear.weight", "xvector.tdnn.nonlinear.batchnorm.weight"),
              layers,
              extent(
                  0, dense + "cam_layer.linear_local.weight", dense + "cam_layer.linear2.weight"),
              extent(0, dense + "linear1.weight", dense + "nonlinear2.batchnorm.weight"),
              extent(0, dense + "cam_layer.linear1.weight", dense + "cam_layer.linear1.bias"),
              extent(0, "xvector.dense.linear.weight"));
    } catch (IllegalArgumentException e) {
      throw new ModelException("%s: %s".formatted(dict.source(), e.getMessage()), e);
    }
    check(net);
    return net;
  }

  private int count(String key) {
    int largest = shapes.largest(Pattern.compile(key));
    if (largest < 0) {
      throw new ModelException(
          "%s: looks like CAM++, but no key matches %s".formatted(dict.source(), key));
    }
    return largest;
  }

  private int extent(int axis, String... keys) {
    return shapes.majority(
        Arrays.stream(keys).map(key -> new Axis(key, axis)).toArray(Axis[]::new));
  }

  private void check(CamPlusPlusArchitecture net) {
    if (net.headChannels() > MAX_CHANNELS || net.initChannels() > MAX_CHANNELS) {
      throw new ModelException(
          "%s: %d and %d channels; at most %d are supported"
              .formatted(dict.source(), net.headChannels(), net.initChannels(), MAX_CHANNELS));
    }
    config.require("feat_dim", String.valueOf(net.melBins()), dict.source());
    config.require("embedding_size", String.valueOf(net.embeddingSize()), dict.source());
    config.require("growth_rate", String.valueOf(net.growthRate()), dict.source());
    config.require("init_channels", String.valueOf(net.initChannels()), dict.source());
  }
}
