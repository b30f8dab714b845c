package io.voiceprint.engine.cpu;

import io.voiceprint.graph.Node;
import io.voiceprint.graph.Tensor;

/**
 * {@link Node.ContextGate}: averages over the utterance and its segments, two small matrices, and
 * the product.
 *
 * @param squeeze the first matrix, C order: read in every run
 * @param expand the second matrix
 * @param from what is gated
 * @param channels where its channels, and those of the result, lie
 * @param context what the gate is computed from
 * @param contextChannels where its channels lie
 */
record ChannelGate(
    Node.ContextGate node,
    float[] squeeze,
    float[] expand,
    Region from,
    Channels channels,
    Region context,
    Channels contextChannels,
    Region to)
    implements Step {

  @Override
  public void execute(Run run) {
    int time = node.output().map().time(run.frames());
    int length = node.segment() == 0 ? time : node.segment();
    double[][] means = means(run, time, length);
    float[][] gates = new float[means.length][];
    for (int s = 0; s < gates.length; s++) {
      gates[s] = gate(means[s]);
    }
    int lanes = from.lanes();
    float[] rows = new float[time * lanes];
    for (int group = 0; group < from.groups(); group++) {
      run.arena().read(from.groupOffset(group), from.type(), rows);
      for (int t = 0; t < time; t++) {
        float[] gate = gates[t / length];
        for (int lane = 0; lane < lanes; lane++) {
          rows[t * lanes + lane] *= gate[group * lanes + lane];
        }
      }
      run.arena().write(to.groupOffset(group), to.type(), rows);
    }
  }

  /** What enters the first matrix, for each segment, by physical channel. */
  private double[][] means(Run run, int time, int length) {
    int segments = node.gates(time);
    double[][] sums = new double[segments][context.channels()];
    int lanes = context.lanes();
    float[] rows = new float[time * lanes];
    for (int group = 0; group < context.groups(); group++) {
      run.arena().read(context.groupOffset(group), context.type(), rows);
      for (int t = 0; t < time; t++) {
        double[] segment = sums[t / length];
        for (int lane = 0; lane < lanes; lane++) {
          segment[group * lanes + lane] += rows[t * lanes + lane];
        }
      }
    }
    for (int c = 0; c < context.channels(); c++) {
      double whole = 0;
      for (double[] segment : sums) {
        whole += segment[c];
      }
      for (int s = 0; s < segments; s++) {
        double own = sums[s][c] / Math.min(length, time - s * length);
        sums[s][c] = node.segment() == 0 ? own : whole / time + own;
      }
    }
    return sums;
  }

  /** By physical channel; 0 where there is none. */
  private float[] gate(double[] means) {
    double[] mean = new double[contextChannels.count()];
    for (int c = 0; c < mean.length; c++) {
      mean[c] = means[contextChannels.position()[c]];
    }
    double[] hidden = product(squeeze, node.squeezeBias(), mean);
    for (int r = 0; r < hidden.length; r++) {
      hidden[r] = Math.max(hidden[r], 0);
    }
    double[] scores = product(expand, node.expandBias(), hidden);
    float[] gate = new float[channels.physical()];
    for (int c = 0; c < scores.length; c++) {
      gate[channels.position()[c]] = (float) (1 / (1 + Math.exp(-scores[c])));
    }
    return gate;
  }

  private static double[] product(float[] weight, Tensor bias, double[] x) {
    double[] y = new double[bias.extent(0)];
    for (int o = 0; o < y.length; o++) {
      double sum = bias.data()[o];
      for (int i = 0; i < x.length; i++) {
        sum += weight[o * x.length + i] * x[i];
      }
      y[o] = sum;
    }
    return y;
  }
}
