package io.voiceprint.graph;

import java.util.List;

/**
 * One operation of a network. A closed set: an engine switches over it and the compiler says what
 * it forgot. Shapes are inferred and validated by {@link GraphBuilder}; engines may rely on them.
 */
public sealed interface Node {

  /** The value this node computes. */
  Value output();

  /** The values it reads, in the order of its definition. */
  List<Value> inputs();

  default String name() {
    return output().name();
  }

  /**
   * The features of an utterance, (1, F, T): log-mel values after mean subtraction. Always node 0.
   */
  record Input(Value output) implements Node {
    @Override
    public List<Value> inputs() {
      return List.of();
    }
  }

  /**
   * Two-dimensional convolution with zero padding of {@code (kernel - 1) / 2} on each side and the
   * same stride along F and T, so that an extent X becomes ceil(X / stride); then bias, an optional
   * residual, and the activation: {@code activation(conv(input) + bias + residual)}.
   *
   * @param residual added before the activation, of the output's shape; {@code null} for none
   * @param weight (O, I, KF, KT), KF and KT odd
   * @param bias (O)
   */
  record Conv2d(
      Value output,
      Value input,
      Value residual,
      Tensor weight,
      Tensor bias,
      int stride,
      Activation activation)
      implements Node {
    @Override
    public List<Value> inputs() {
      return residual == null ? List.of(input) : List.of(input, residual);
    }

    public int outChannels() {
      return weight.extent(0);
    }

    public int inChannels() {
      return weight.extent(1);
    }

    /** Extent KF of the kernel along frequency. */
    public int kernelF() {
      return weight.extent(2);
    }

    /** Extent KT of the kernel along time. */
    public int kernelT() {
      return weight.extent(3);
    }
  }

  /** Channels {@code from} to {@code from + output.channels} of the input: a view. */
  record ChannelSlice(Value output, Value input, int from) implements Node {
    @Override
    public List<Value> inputs() {
      return List.of(input);
    }
  }

  /** The inputs one behind the other along the channel axis. */
  record Concat(Value output, List<Value> inputs) implements Node {
    public Concat {
      inputs = List.copyOf(inputs);
    }
  }

  /** Element-wise sum. */
  record Add(Value output, Value a, Value b) implements Node {
    @Override
    public List<Value> inputs() {
      return List.of(a, b);
    }
  }

  /**
   * Attentional feature fusion (ERes2Net, section 2.2): with {@code a = tanh(expand · silu(squeeze
   * · [x; y]))}, the output is {@code x·(1 + a) + y·(1 - a)}. Both matrices are 1×1 convolutions
   * with batch norm folded in.
   *
   * @param squeezeWeight (R, 2C); its columns take x's channels first, then y's
   * @param squeezeBias (R)
   * @param expandWeight (C, R)
   * @param expandBias (C)
   */
  record AttentionalFusion(
      Value output,
      Value x,
      Value y,
      Tensor squeezeWeight,
      Tensor squeezeBias,
      Tensor expandWeight,
      Tensor expandBias)
      implements Node {
    @Override
    public List<Value> inputs() {
      return List.of(x, y);
    }

    /** Channels R between the two matrices. */
    public int innerChannels() {
      return squeezeWeight.extent(0);
    }
  }

  /**
   * Statistics over time of every (channel, frequency) pair, flattened channel-major (F fastest),
   * means before standard deviations. The standard deviation is {@code sqrt(var + 1e-8)} with the
   * unbiased variance (n - 1), so at least two time steps are needed where it is taken.
   */
  record StatisticsPooling(Value output, Value input, Statistics statistics) implements Node {
    @Override
    public List<Value> inputs() {
      return List.of(input);
    }
  }

  /**
   * Attentive statistics pooling (Okabe et al., Interspeech 2018) without global context: the input
   * flattened to rows x (C·F, T), {@code alpha = softmax over T of (W2 · tanh(W1 · x + b1) + b2)},
   * then the weighted mean and {@code sqrt(max(sum(alpha·x²) - mean², 1e-10))}, means first.
   *
   * @param hiddenWeight W1 (H, C·F)
   * @param hiddenBias b1 (H)
   * @param scoreWeight W2 (C·F, H)
   * @param scoreBias b2 (C·F)
   */
  record AttentivePooling(
      Value output,
      Value input,
      Tensor hiddenWeight,
      Tensor hiddenBias,
      Tensor scoreWeight,
      Tensor scoreBias)
      implements Node {
    @Override
    public List<Value> inputs() {
      return List.of(input);
    }
  }

  /**
   * Fully connected layer on a vector: {@code activation(weight · input + bias)}.
   *
   * @param weight (O, I)
   * @param bias (O)
   */
  record Linear(Value output, Value input, Tensor weight, Tensor bias, Activation activation)
      implements Node {
    @Override
    public List<Value> inputs() {
      return List.of(input);
    }
  }
}
