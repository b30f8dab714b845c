package io.voiceprint.graph;

import java.util.List;

/**
 * One operation of a network, of a closed set that engines tell apart by type. Shapes are inferred
 * and validated by {@link GraphBuilder}; engines may rely on them.
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
   * Two-dimensional convolution with padding of {@code (KF - 1) / 2} on each side along F and
   * {@code dilationT · (KT - 1) / 2} along T, so that an extent X becomes ceil(X / stride); then
   * bias, an optional residual, and the activation: {@code activation(conv(input) + bias +
   * residual)}. A one-dimensional convolution along time has F = KF = 1.
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
      ConvGeometry geometry,
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

    /** Time steps of the input that the kernel reaches to each side of its centre. */
    public int radiusT() {
      return geometry.dilationT() * (kernelT() - 1) / 2;
    }
  }

  /**
   * {@code activation(scale[c] · x + shift[c])} for each channel c: a batch norm that no layer
   * beside it can take up, because an activation lies between them.
   *
   * @param scale (C)
   * @param shift (C)
   */
  record ChannelAffine(Value output, Value input, Tensor scale, Tensor shift, Activation activation)
      implements Node {
    @Override
    public List<Value> inputs() {
      return List.of(input);
    }
  }

  /**
   * The map (C, F, T) as (C·F, 1, T), F fastest: channel c at frequency f becomes channel c·F + f.
   */
  record Flatten(Value output, Value input) implements Node {
    @Override
    public List<Value> inputs() {
      return List.of(input);
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
   * Scales each channel of {@code input} by a gate between 0 and 1 that is computed from averages
   * over time of {@code context}, both maps with F = 1: {@code input[c, t] · sigmoid(expand ·
   * relu(squeeze · m(t) + b1) + b2)[c]}. Without segments, m is the context's average over the
   * whole utterance and the gate the same at all times: squeeze-and-excitation (ECAPA-TDNN, section
   * 3.2). With segments, the average over the segment in which t lies is added: context-aware
   * masking (CAM++, section 2.2). Segments count from the utterance's first time step; the last one
   * is averaged over the steps that it has.
   *
   * @param segment time steps of a segment, or 0 for none
   * @param squeezeWeight (R, channels of context)
   * @param squeezeBias b1 (R)
   * @param expandWeight (C, R)
   * @param expandBias b2 (C)
   */
  record ContextGate(
      Value output,
      Value input,
      Value context,
      int segment,
      Tensor squeezeWeight,
      Tensor squeezeBias,
      Tensor expandWeight,
      Tensor expandBias)
      implements Node {
    @Override
    public List<Value> inputs() {
      return List.of(input, context);
    }

    /** Channels R between the two matrices. */
    public int innerChannels() {
      return squeezeWeight.extent(0);
    }

    /** Different gates of an utterance with {@code time} time steps. */
    public int gates(int time) {
      return segment == 0 ? 1 : (time + segment - 1) / segment;
    }
  }

  /**
   * Statistics over time of every (channel, frequency) pair, flattened channel-major (F fastest),
   * means before standard deviations. The standard deviation is {@code sqrt(var + epsilon)} with
   * the unbiased variance (n - 1), so at least two time steps are needed where it is taken.
   *
   * @param epsilon not negative
   */
  record StatisticsPooling(Value output, Value input, Statistics statistics, double epsilon)
      implements Node {
    /** Epsilon of 3D-Speaker's TSTP and TSDP. */
    public static final double TSTP_EPSILON = 1e-8;

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
   * Attentive statistics pooling with global context (ECAPA-TDNN, section 3.1) of a map with F = 1:
   * with mean μ and {@code σ = sqrt(max(var, 1e-12))} of each channel over the utterance (var
   * divides by n), {@code alpha = softmax over T of (W2 · tanh(normScale · relu(W1 · [x; μ; σ] +
   * b1) + normShift) + b2)}, then the weighted mean and {@code sqrt(max(sum(alpha·(x - mean)²),
   * 1e-12))}, means first.
   *
   * @param hiddenWeight W1 (H, 3C); its columns take x first, then μ, then σ
   * @param hiddenBias b1 (H)
   * @param normScale (H)
   * @param normShift (H)
   * @param scoreWeight W2 (C, H)
   * @param scoreBias b2 (C)
   */
  record ContextAttentivePooling(
      Value output,
      Value input,
      Tensor hiddenWeight,
      Tensor hiddenBias,
      Tensor normScale,
      Tensor normShift,
      Tensor scoreWeight,
      Tensor scoreBias)
      implements Node {
    /** What the variances are raised to where they are smaller. */
    public static final double VARIANCE_FLOOR = 1e-12;

    @Override
    public List<Value> inputs() {
      return List.of(input);
    }

    /** Hidden units H. */
    public int hidden() {
      return hiddenWeight.extent(0);
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
