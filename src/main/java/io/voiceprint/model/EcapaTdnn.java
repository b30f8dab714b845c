package io.voiceprint.model;

import static io.voiceprint.graph.Activation.NONE;
import static io.voiceprint.graph.Activation.RELU;

import io.voiceprint.checkpoint.CheckpointException;
import io.voiceprint.graph.ConvGeometry;
import io.voiceprint.graph.ConvGeometry.Padding;
import io.voiceprint.graph.Graph;
import io.voiceprint.graph.GraphBuilder;
import io.voiceprint.graph.Value;
import java.util.ArrayList;
import java.util.List;

/**
 * Builds the graph of ECAPA-TDNN (Desplanques et al., "ECAPA-TDNN: Emphasized Channel Attention,
 * Propagation and Aggregation in TDNN Based Speaker Verification", Interspeech 2020) as 3D-Speaker
 * and SpeechBrain implement it. Node names are the names of the original modules.
 */
final class EcapaTdnn {
  private final EcapaTdnnArchitecture net;
  private final LayerSource weights;
  private final GraphBuilder graph;

  private EcapaTdnn(EcapaTdnnArchitecture net, LayerSource weights) {
    this.net = net;
    this.weights = weights;
    this.graph = new GraphBuilder(net.melBins());
  }

  static Graph build(EcapaTdnnArchitecture net, LayerSource weights) throws CheckpointException {
    EcapaTdnn ecapa = new EcapaTdnn(net, weights);
    Value x = ecapa.graph.flatten("bins", ecapa.graph.input()); // (80, 1, T)
    x = ecapa.tdnn("blocks.0", x, net.channels().get(0), 0);
    List<Value> blocks = new ArrayList<>();
    for (int i = 1; i <= net.blocks(); i++) {
      x = ecapa.block(i, x);
      blocks.add(x);
    }
    Value all = ecapa.graph.concat("mfa.concat", blocks);
    int last = net.channels().size() - 1;
    ecapa.embed(ecapa.pool(ecapa.tdnn("mfa", all, net.channels().get(last), last)));
    return ecapa.graph.build();
  }

  /** SE-Res2Net block: 1×1, dilated Res2Net, 1×1, squeeze-and-excitation, plus the shortcut. */
  private Value block(int index, Value x) throws CheckpointException {
    String name = "blocks." + index;
    int channels = net.channels().get(index);
    Value out = pixelTdnn(name + ".tdnn1", x, channels);
    out = res2net(name + ".res2net_block", out, index);
    out = pixelTdnn(name + ".tdnn2", out, channels);
    out = squeezeAndExcite(name + ".se_block", out);
    Value shortcut = x;
    if (x.map().channels() != channels) {
      String conv = name + ".shortcut";
      LayerWeights layer = weights.biased(conv + ".conv", channels, x.map().channels(), 1);
      shortcut = convolve(conv, x, layer, 1, NONE);
    }
    return graph.add(name, out, shortcut);
  }

  /** The first part passes unchanged; each other one is convolved, plus the result before it. */
  private Value res2net(String name, Value x, int index) throws CheckpointException {
    int width = x.map().channels() / net.scale();
    List<Value> parts = new ArrayList<>();
    Value previous = null;
    for (int part = 0; part < net.scale(); part++) {
      String layer = name + ".blocks." + (part - 1);
      Value slice = graph.slice(name + ".part" + part, x, part * width, width);
      if (part > 0) {
        Value in = previous == null ? slice : graph.add(layer + ".in", slice, previous);
        previous = tdnn(layer, in, width, index);
      }
      parts.add(part == 0 ? slice : previous);
    }
    return graph.concat(name, parts);
  }

  private Value squeezeAndExcite(String name, Value x) throws CheckpointException {
    int channels = x.map().channels();
    LayerWeights squeeze = weights.biased(name + ".conv1.conv", net.seChannels(), channels, 1);
    LayerWeights expand = weights.biased(name + ".conv2.conv", channels, net.seChannels(), 1);
    return graph.gate(
        name, x, x, 0, squeeze.matrix(), squeeze.bias(), expand.matrix(), expand.bias());
  }

  private Value tdnn(String name, Value x, int channels, int index) throws CheckpointException {
    return tdnn(name, x, channels, net.kernelSizes().get(index), net.dilations().get(index));
  }

  private Value pixelTdnn(String name, Value x, int channels) throws CheckpointException {
    return tdnn(name, x, channels, 1, 1);
  }

  /** Convolution, ReLU, batch norm: in this order, so that the norm stays a layer of its own. */
  private Value tdnn(String name, Value x, int channels, int kernel, int dilation)
      throws CheckpointException {
    LayerWeights conv = weights.biased(name + ".conv.conv", channels, x.map().channels(), kernel);
    LayerWeights norm = weights.norm(name + ".norm.norm", channels);
    Value relu = convolve(name + ".conv", x, conv, dilation, RELU);
    return graph.affine(name, relu, norm.weight(), norm.bias(), NONE);
  }

  private Value convolve(
      String name, Value x, LayerWeights layer, int dilation, io.voiceprint.graph.Activation end) {
    ConvGeometry geometry = ConvGeometry.alongTime(1, dilation, Padding.REFLECT);
    return graph.conv(name, x, null, layer.alongTime(), layer.bias(), geometry, end);
  }

  /** Channel- and context-dependent statistics pooling. */
  private Value pool(Value x) throws CheckpointException {
    int channels = x.map().channels();
    int hidden = net.attentionChannels();
    LayerWeights tdnn = weights.biased("asp.tdnn.conv.conv", hidden, 3 * channels, 1);
    LayerWeights norm = weights.norm("asp.tdnn.norm.norm", hidden);
    LayerWeights score = weights.biased("asp.conv.conv", channels, hidden, 1);
    return graph.contextAttentivePool(
        "asp",
        x,
        tdnn.matrix(),
        tdnn.bias(),
        norm.weight(),
        norm.bias(),
        score.matrix(),
        score.bias());
  }

  private void embed(Value pooled) throws CheckpointException {
    LayerWeights fc =
        weights.normLinear(
            "asp_bn.norm", true, "fc.conv", net.embeddingSize(), pooled.vector().size(), 1);
    graph.linear("fc", pooled, fc.matrix(), fc.bias(), NONE);
  }
}
