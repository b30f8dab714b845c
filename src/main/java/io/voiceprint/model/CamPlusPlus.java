package io.voiceprint.model;

import static io.voiceprint.graph.Activation.NONE;
import static io.voiceprint.graph.Activation.RELU;

import io.voiceprint.checkpoint.CheckpointException;
import io.voiceprint.graph.Activation;
import io.voiceprint.graph.ConvGeometry;
import io.voiceprint.graph.ConvGeometry.Padding;
import io.voiceprint.graph.Graph;
import io.voiceprint.graph.GraphBuilder;
import io.voiceprint.graph.Statistics;
import io.voiceprint.graph.Value;
import java.util.List;

/**
 * Builds the graph of CAM++ (Wang et al., "CAM++: A Fast and Efficient Network for Speaker
 * Verification Using Context-Aware Masking", Interspeech 2023) as 3D-Speaker implements it. Node
 * names are the names of the original modules.
 */
final class CamPlusPlus {
  /** Time steps of a segment of the context-aware mask. */
  static final int SEGMENT = 100;

  /** Dilations of the dense blocks, the last one's for all behind it. */
  private static final List<Integer> DILATIONS = List.of(1, 2, 2);

  private final CamPlusPlusArchitecture net;
  private final LayerSource weights;
  private final GraphBuilder graph;

  private CamPlusPlus(CamPlusPlusArchitecture net, LayerSource weights) {
    this.net = net;
    this.weights = weights;
    this.graph = new GraphBuilder(net.melBins());
  }

  static Graph build(CamPlusPlusArchitecture net, LayerSource weights) throws CheckpointException {
    CamPlusPlus cam = new CamPlusPlus(net, weights);
    Value x = cam.head(cam.graph.input());
    x = cam.tdnn(x);
    int blocks = net.layers().size();
    for (int block = 1; block <= blocks; block++) {
      x = cam.denseBlock(block, x);
      x = cam.transit(block, x, block == blocks);
    }
    cam.embed(cam.graph.pool("xvector.stats", x, Statistics.MEAN_AND_STANDARD_DEVIATION, 0));
    return cam.graph.build();
  }

  /** Front-end convolution module: a small residual network that keeps the time resolution. */
  private Value head(Value x) throws CheckpointException {
    int channels = net.headChannels();
    Value out = conv2d("head.conv1", "head.bn1", x, null, channels, 3, 1, RELU);
    for (int stage = 1; stage <= 2; stage++) {
      for (int block = 0; block < net.headBlocks().get(stage - 1); block++) {
        out = residualBlock("head.layer" + stage + "." + block, out, block == 0 ? 2 : 1);
      }
    }
    out = conv2d("head.conv2", "head.bn2", out, null, channels, 3, 2, RELU);
    return graph.flatten("head", out); // (32, 10, T) to (320, 1, T)
  }

  private Value residualBlock(String name, Value x, int stride) throws CheckpointException {
    int channels = net.headChannels();
    Value out = conv2d(name + ".conv1", name + ".bn1", x, null, channels, 3, stride, RELU);
    Value shortcut = x;
    if (stride != 1) {
      shortcut =
          conv2d(name + ".shortcut.0", name + ".shortcut.1", x, null, channels, 1, stride, NONE);
    }
    return conv2d(name + ".conv2", name + ".bn2", out, shortcut, channels, 3, 1, RELU);
  }

  private Value conv2d(
      String name,
      String norm,
      Value x,
      Value residual,
      int channels,
      int kernel,
      int strideF,
      Activation activation)
      throws CheckpointException {
    LayerWeights layer = weights.convNorm(name, norm, channels, x.map().channels(), kernel, kernel);
    ConvGeometry geometry = ConvGeometry.alongFrequency(strideF);
    return graph.conv(name, x, residual, layer.weight(), layer.bias(), geometry, activation);
  }

  private Value tdnn(Value x) throws CheckpointException {
    String name = "xvector.tdnn";
    LayerWeights layer =
        weights.convNorm(
            name + ".linear",
            name + ".nonlinear.batchnorm",
            net.initChannels(),
            x.map().channels(),
            5);
    return convolve(name, x, layer, 2, 1, RELU);
  }

  /** Steps between the taps in a dense block, which are numbered from 1. */
  static int dilation(int block) {
    return DILATIONS.get(Math.min(block, DILATIONS.size()) - 1);
  }

  /** Each layer reads what entered the block and what all layers before it have added. */
  private Value denseBlock(int block, Value x) throws CheckpointException {
    String name = "xvector.block" + block;
    int layers = net.layers().get(block - 1);
    for (int i = 1; i <= layers; i++) {
      Value grown = denseLayer(name + ".tdnnd" + i, x, dilation(block));
      x = graph.concat(i == layers ? name : name + ".concat" + i, List.of(x, grown));
    }
    return x;
  }

  /** Norm and ReLU, bottleneck, convolution along time under a context-aware mask. */
  private Value denseLayer(String name, Value x, int dilation) throws CheckpointException {
    Value normed = norm(name + ".nonlinear1", name + ".nonlinear1.batchnorm", x);
    LayerWeights narrow =
        weights.convNorm(
            name + ".linear1",
            name + ".nonlinear2.batchnorm",
            net.bottleneck(),
            x.map().channels(),
            1);
    Value context = convolve(name + ".linear1", normed, narrow, 1, 1, RELU);
    String cam = name + ".cam_layer";
    LayerWeights layer = weights.conv(cam + ".linear_local", net.growthRate(), net.bottleneck(), 3);
    Value local = convolve(cam + ".linear_local", context, layer, 1, dilation, NONE);
    LayerWeights squeeze =
        weights.biased(cam + ".linear1", net.maskChannels(), net.bottleneck(), 1);
    LayerWeights expand = weights.biased(cam + ".linear2", net.growthRate(), net.maskChannels(), 1);
    return graph.gate(
        name,
        local,
        context,
        SEGMENT,
        squeeze.matrix(),
        squeeze.bias(),
        expand.matrix(),
        expand.bias());
  }

  /** Halves the channels; the last one takes up the norm that follows it. */
  private Value transit(int block, Value x, boolean last) throws CheckpointException {
    String name = "xvector.transit" + block;
    int channels = x.map().channels();
    Value normed = norm(name + ".nonlinear", name + ".nonlinear.batchnorm", x);
    if (last) {
      String out = "xvector.out_nonlinear";
      LayerWeights layer =
          weights.convNorm(name + ".linear", out + ".batchnorm", channels / 2, channels, 1);
      return convolve(out, normed, layer, 1, 1, RELU);
    }
    LayerWeights layer = weights.conv(name + ".linear", channels / 2, channels, 1);
    return convolve(name, normed, layer, 1, 1, NONE);
  }

  private Value norm(String name, String norm, Value x) throws CheckpointException {
    LayerWeights affine = weights.norm(norm, x.map().channels());
    return graph.affine(name, x, affine.weight(), affine.bias(), RELU);
  }

  private Value convolve(
      String name, Value x, LayerWeights layer, int stride, int dilation, Activation activation) {
    ConvGeometry geometry = ConvGeometry.alongTime(stride, dilation, Padding.ZERO);
    return graph.conv(name, x, null, layer.alongTime(), layer.bias(), geometry, activation);
  }

  private void embed(Value pooled) throws CheckpointException {
    LayerWeights dense =
        weights.linearNorm(
            "xvector.dense.linear",
            "xvector.dense.nonlinear.batchnorm",
            net.embeddingSize(),
            pooled.vector().size(),
            1);
    graph.linear("xvector.dense", pooled, dense.matrix(), dense.bias(), NONE);
  }
}
