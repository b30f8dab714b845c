package io.voiceprint.engine.reference;

import io.voiceprint.graph.Node;
import io.voiceprint.graph.Tensor;

/** {@link Node.ContextGate}: averages and gates are computed in double precision. */
final class ContextGate {
  private final Node.ContextGate node;
  private final float[] squeeze; // (R, channels of context)
  private final float[] expand; // (C, R)
  private final Rounding rounding;

  ContextGate(Node.ContextGate node, Rounding rounding) {
    this.node = node;
    this.squeeze = rounded(node.squeezeWeight(), rounding);
    this.expand = rounded(node.expandWeight(), rounding);
    this.rounding = rounding;
  }

  private static float[] rounded(Tensor weight, Rounding rounding) {
    float[] copy = weight.data().clone();
    rounding.round(copy, 0, copy.length);
    return copy;
  }

  void run(Activations in, Activations context, Activations out, Workers workers) {
    int time = in.time();
    int length = node.segment() == 0 ? time : node.segment();
    double[] whole = means(context, 0, time);
    workers.forEach(
        node.gates(time),
        0,
        (index, scratch) -> {
          int begin = index * length;
          int end = Math.min(time, begin + length);
          double[] mean = whole.clone();
          if (node.segment() > 0) {
            double[] segment = means(context, begin, end);
            for (int c = 0; c < mean.length; c++) {
              mean[c] += segment[c];
            }
          }
          scale(in, gate(mean), begin, end, out);
        });
  }

  private static double[] means(Activations map, int begin, int end) {
    double[] means = new double[map.channels()];
    for (int c = 0; c < means.length; c++) {
      double sum = 0;
      for (int t = begin; t < end; t++) {
        sum += map.data()[map.channel(c) + t];
      }
      means[c] = sum / (end - begin);
    }
    return means;
  }

  private float[] gate(double[] mean) {
    double[] hidden = product(squeeze, node.squeezeBias(), rounded(mean));
    for (int r = 0; r < hidden.length; r++) {
      hidden[r] = Math.max(hidden[r], 0);
    }
    double[] scores = product(expand, node.expandBias(), rounded(hidden));
    float[] gate = new float[scores.length];
    for (int c = 0; c < gate.length; c++) {
      gate[c] = (float) (1 / (1 + Math.exp(-scores[c])));
    }
    return gate;
  }

  private double[] rounded(double[] x) {
    if (rounding == Rounding.NONE) {
      return x;
    }
    double[] rounded = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      rounded[i] = rounding.round((float) x[i]);
    }
    return rounded;
  }

  private static double[] product(float[] weight, Tensor bias, double[] x) {
    double[] y = new double[bias.extent(0)];
    for (int o = 0; o < y.length; o++) {
      y[o] = bias.data()[o];
      for (int i = 0; i < x.length; i++) {
        y[o] += weight[o * x.length + i] * x[i];
      }
    }
    return y;
  }

  private void scale(Activations in, float[] gate, int begin, int end, Activations out) {
    for (int c = 0; c < out.channels(); c++) {
      for (int t = begin; t < end; t++) {
        out.data()[out.channel(c) + t] = rounding.round(gate[c] * in.data()[in.channel(c) + t]);
      }
    }
  }
}
