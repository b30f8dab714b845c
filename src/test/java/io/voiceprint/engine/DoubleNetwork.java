package io.voiceprint.engine;

import io.voiceprint.frontend.Features;
import io.voiceprint.graph.ConvGeometry;
import io.voiceprint.graph.Graph;
import io.voiceprint.graph.Node;
import io.voiceprint.graph.Shape.FeatureMap;
import io.voiceprint.graph.Tensor;
import io.voiceprint.graph.Value;
import java.util.ArrayList;
import java.util.List;

/**
 * Every node written down once more as its plain formula, in double precision and without any
 * blocking: independent of the engines it judges, and far too slow for anything but small networks.
 */
final class DoubleNetwork {
  private final Graph graph;

  DoubleNetwork(Graph graph) {
    this.graph = graph;
  }

  double[] embed(Features features) {
    List<double[]> values = values(features);
    return values.get(values.size() - 1);
  }

  /** The values of all nodes, (C, F, T) or (D), by id. */
  List<double[]> values(Features features) {
    List<double[]> values = new ArrayList<>();
    for (Node node : graph.nodes()) {
      values.add(run(node, values, features));
    }
    return values;
  }

  private static double[] run(Node node, List<double[]> values, Features features) {
    int frames = features.frames();
    if (node instanceof Node.Input) {
      double[] out = new double[features.data().length];
      for (int i = 0; i < out.length; i++) {
        out[i % features.bins() * frames + i / features.bins()] = features.data()[i];
      }
      return out;
    }
    if (node instanceof Node.Conv2d conv) {
      return conv(conv, values, frames);
    }
    if (node instanceof Node.ChannelSlice slice) {
      FeatureMap map = slice.output().map();
      int pixels = map.frequency() * map.time(frames);
      double[] out = new double[map.channels() * pixels];
      System.arraycopy(values.get(slice.input().id()), slice.from() * pixels, out, 0, out.length);
      return out;
    }
    if (node instanceof Node.Concat concat) {
      double[] out = new double[(int) concat.output().shape().elements(frames)];
      int at = 0;
      for (Value input : concat.inputs()) {
        double[] part = values.get(input.id());
        System.arraycopy(part, 0, out, at, part.length);
        at += part.length;
      }
      return out;
    }
    if (node instanceof Node.Add add) {
      double[] out = values.get(add.a().id()).clone();
      for (int i = 0; i < out.length; i++) {
        out[i] += values.get(add.b().id())[i];
      }
      return out;
    }
    if (node instanceof Node.AttentionalFusion fusion) {
      return fuse(fusion, values, frames);
    }
    if (node instanceof Node.Flatten flatten) {
      return values.get(flatten.input().id());
    }
    if (node instanceof Node.ChannelAffine affine) {
      double[] out = values.get(affine.input().id()).clone();
      int pixels = out.length / affine.scale().extent(0);
      for (int i = 0; i < out.length; i++) {
        int c = i / pixels;
        double sum = affine.scale().data()[c] * out[i] + affine.shift().data()[c];
        out[i] = activate(affine.activation(), sum);
      }
      return out;
    }
    if (node instanceof Node.ContextGate gate) {
      return gate(gate, values, frames);
    }
    if (node instanceof Node.ContextAttentivePooling pooling) {
      return attend(pooling, values.get(pooling.input().id()), frames);
    }
    if (node instanceof Node.StatisticsPooling pooling) {
      return pool(pooling, values.get(pooling.input().id()), frames);
    }
    if (node instanceof Node.AttentivePooling pooling) {
      return attend(pooling, values.get(pooling.input().id()), frames);
    }
    if (node instanceof Node.Linear linear) {
      double[] in = values.get(linear.input().id());
      double[] out = new double[linear.bias().extent(0)];
      for (int o = 0; o < out.length; o++) {
        out[o] = linear.bias().data()[o];
        for (int i = 0; i < in.length; i++) {
          out[o] += linear.weight().data()[o * in.length + i] * in[i];
        }
        out[o] = activate(linear.activation(), out[o]);
      }
      return out;
    }
    throw new AssertionError(node);
  }

  private static double activate(io.voiceprint.graph.Activation activation, double x) {
    return switch (activation) {
      case NONE -> x;
      case RELU -> Math.max(x, 0);
      case RELU20 -> Math.min(Math.max(x, 0), 20);
    };
  }

  private static double[] conv(Node.Conv2d conv, List<double[]> values, int frames) {
    FeatureMap in = conv.input().map();
    FeatureMap map = conv.output().map();
    ConvGeometry geometry = conv.geometry();
    double[] x = values.get(conv.input().id());
    int inTime = in.time(frames);
    int time = map.time(frames);
    double[] out = new double[(int) map.elements(frames)];
    for (int i = 0; i < out.length; i++) {
      int t = i % time;
      int f = i / time % map.frequency();
      int o = i / time / map.frequency();
      double sum = conv.bias().data()[o];
      for (int c = 0; c < in.channels(); c++) {
        for (int kf = 0; kf < conv.kernelF(); kf++) {
          for (int kt = 0; kt < conv.kernelT(); kt++) {
            int inF = f * geometry.strideF() + kf - conv.kernelF() / 2;
            int inT = t * geometry.strideT() + (kt - conv.kernelT() / 2) * geometry.dilationT();
            if (geometry.padding() == ConvGeometry.Padding.REFLECT) {
              inT = inT < 0 ? -inT : inT >= inTime ? 2 * (inTime - 1) - inT : inT;
            }
            if (inF >= 0 && inF < in.frequency() && inT >= 0 && inT < inTime) {
              int w = ((o * in.channels() + c) * conv.kernelF() + kf) * conv.kernelT() + kt;
              sum += conv.weight().data()[w] * x[(c * in.frequency() + inF) * inTime + inT];
            }
          }
        }
      }
      if (conv.residual() != null) {
        sum += values.get(conv.residual().id())[i];
      }
      out[i] = activate(conv.activation(), sum);
    }
    return out;
  }

  private static double[] fuse(Node.AttentionalFusion fusion, List<double[]> values, int frames) {
    FeatureMap map = fusion.output().map();
    int pixels = map.frequency() * map.time(frames);
    int channels = map.channels();
    double[] x = values.get(fusion.x().id());
    double[] y = values.get(fusion.y().id());
    double[] out = new double[channels * pixels];
    double[] hidden = new double[fusion.innerChannels()];
    for (int p = 0; p < pixels; p++) {
      for (int r = 0; r < hidden.length; r++) {
        double sum = fusion.squeezeBias().data()[r];
        for (int c = 0; c < channels; c++) {
          sum += fusion.squeezeWeight().data()[r * 2 * channels + c] * x[c * pixels + p];
          sum += fusion.squeezeWeight().data()[r * 2 * channels + channels + c] * y[c * pixels + p];
        }
        hidden[r] = sum / (1 + Math.exp(-sum));
      }
      for (int c = 0; c < channels; c++) {
        double sum = fusion.expandBias().data()[c];
        for (int r = 0; r < hidden.length; r++) {
          sum += fusion.expandWeight().data()[c * hidden.length + r] * hidden[r];
        }
        double gate = 1 + Math.tanh(sum);
        out[c * pixels + p] = x[c * pixels + p] * gate + y[c * pixels + p] * (2 - gate);
      }
    }
    return out;
  }

  private static double[] pool(Node.StatisticsPooling pooling, double[] x, int frames) {
    int time = pooling.input().map().time(frames);
    int rows = x.length / time;
    double[] means = new double[rows];
    double[] deviations = new double[rows];
    for (int row = 0; row < rows; row++) {
      for (int t = 0; t < time; t++) {
        means[row] += x[row * time + t] / time;
      }
      double squares = 0;
      for (int t = 0; t < time; t++) {
        squares += Math.pow(x[row * time + t] - means[row], 2);
      }
      deviations[row] = Math.sqrt(squares / (time - 1) + pooling.epsilon());
    }
    return switch (pooling.statistics()) {
      case MEAN -> means;
      case STANDARD_DEVIATION -> deviations;
      case MEAN_AND_STANDARD_DEVIATION -> join(means, deviations);
    };
  }

  private static double[] attend(Node.AttentivePooling pooling, double[] x, int frames) {
    int time = pooling.input().map().time(frames);
    int rows = x.length / time;
    double[][] scores = new double[rows][time];
    int hidden = pooling.hiddenBias().extent(0);
    for (int t = 0; t < time; t++) {
      double[] units = new double[hidden];
      for (int h = 0; h < hidden; h++) {
        double sum = pooling.hiddenBias().data()[h];
        for (int row = 0; row < rows; row++) {
          sum += pooling.hiddenWeight().data()[h * rows + row] * x[row * time + t];
        }
        units[h] = Math.tanh(sum);
      }
      for (int row = 0; row < rows; row++) {
        scores[row][t] = pooling.scoreBias().data()[row];
        for (int h = 0; h < hidden; h++) {
          scores[row][t] += pooling.scoreWeight().data()[row * hidden + h] * units[h];
        }
      }
    }
    double[] means = new double[rows];
    double[] deviations = new double[rows];
    for (int row = 0; row < rows; row++) {
      double total = 0;
      double squares = 0;
      for (int t = 0; t < time; t++) {
        double weight = Math.exp(scores[row][t]);
        total += weight;
        means[row] += weight * x[row * time + t];
        squares += weight * x[row * time + t] * x[row * time + t];
      }
      means[row] /= total;
      deviations[row] = Math.sqrt(Math.max(squares / total - means[row] * means[row], 1e-10));
    }
    return join(means, deviations);
  }

  private static double[] gate(Node.ContextGate gate, List<double[]> values, int frames) {
    int time = gate.output().map().time(frames);
    double[] x = values.get(gate.input().id());
    double[] context = values.get(gate.context().id());
    int from = context.length / time;
    double[] out = new double[x.length];
    for (int t = 0; t < time; t++) {
      double[] mean = new double[from];
      for (int c = 0; c < from; c++) {
        mean[c] = mean(context, c * time, c * time + time);
        if (gate.segment() > 0) {
          int begin = t / gate.segment() * gate.segment();
          int end = Math.min(begin + gate.segment(), time);
          mean[c] += mean(context, c * time + begin, c * time + end);
        }
      }
      double[] hidden = product(gate.squeezeWeight(), gate.squeezeBias(), mean);
      for (int r = 0; r < hidden.length; r++) {
        hidden[r] = Math.max(hidden[r], 0);
      }
      double[] scores = product(gate.expandWeight(), gate.expandBias(), hidden);
      for (int c = 0; c < scores.length; c++) {
        out[c * time + t] = x[c * time + t] / (1 + Math.exp(-scores[c]));
      }
    }
    return out;
  }

  private static double mean(double[] x, int begin, int end) {
    double sum = 0;
    for (int i = begin; i < end; i++) {
      sum += x[i];
    }
    return sum / (end - begin);
  }

  private static double[] product(Tensor weight, Tensor bias, double[] x) {
    double[] y = new double[bias.extent(0)];
    for (int o = 0; o < y.length; o++) {
      y[o] = bias.data()[o];
      for (int i = 0; i < x.length; i++) {
        y[o] += weight.data()[o * x.length + i] * x[i];
      }
    }
    return y;
  }

  private static double[] attend(Node.ContextAttentivePooling pooling, double[] x, int frames) {
    int time = pooling.input().map().time(frames);
    int channels = x.length / time;
    double[] global = weighted(x, new double[x.length], time, 1e-12);
    double[] scores = new double[x.length];
    for (int t = 0; t < time; t++) {
      double[] column = new double[3 * channels];
      for (int c = 0; c < channels; c++) {
        column[c] = x[c * time + t];
      }
      System.arraycopy(global, 0, column, channels, 2 * channels);
      double[] hidden = product(pooling.hiddenWeight(), pooling.hiddenBias(), column);
      for (int h = 0; h < hidden.length; h++) {
        double normed =
            pooling.normScale().data()[h] * Math.max(hidden[h], 0) + pooling.normShift().data()[h];
        hidden[h] = Math.tanh(normed);
      }
      double[] column2 = product(pooling.scoreWeight(), pooling.scoreBias(), hidden);
      for (int c = 0; c < channels; c++) {
        scores[c * time + t] = column2[c];
      }
    }
    return weighted(x, scores, time, 1e-12);
  }

  /** Means, then standard deviations of rows, weighed by the softmax of their scores. */
  private static double[] weighted(double[] x, double[] scores, int time, double floor) {
    int rows = x.length / time;
    double[] statistics = new double[2 * rows];
    for (int row = 0; row < rows; row++) {
      double total = 0;
      for (int i = row * time; i < row * time + time; i++) {
        total += Math.exp(scores[i]);
        statistics[row] += Math.exp(scores[i]) * x[i];
      }
      statistics[row] /= total;
      double squares = 0;
      for (int i = row * time; i < row * time + time; i++) {
        squares += Math.exp(scores[i]) / total * Math.pow(x[i] - statistics[row], 2);
      }
      statistics[rows + row] = Math.sqrt(Math.max(squares, floor));
    }
    return statistics;
  }

  private static double[] join(double[] a, double[] b) {
    double[] joined = new double[a.length + b.length];
    System.arraycopy(a, 0, joined, 0, a.length);
    System.arraycopy(b, 0, joined, a.length, b.length);
    return joined;
  }
}
