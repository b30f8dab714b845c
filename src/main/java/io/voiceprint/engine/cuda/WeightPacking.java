package io.voiceprint.engine.cuda;

import io.voiceprint.graph.Tensor;

/** Brings weights into the order in which kernels read them; padded channels get zeros. */
final class WeightPacking {
  private WeightPacking() {}

  /** (O, I, KF, KT) as (KF, KT, I, O): what our own convolutions read. */
  static float[] innerMajor(Tensor weight, ChannelLayout in, ChannelLayout out) {
    int kernelF = weight.extent(2);
    int kernelT = weight.extent(3);
    float[] packed = new float[kernelF * kernelT * in.width() * out.width()];
    float[] elements = weight.data();
    int at = 0;
    for (int o = 0; o < weight.extent(0); o++) {
      for (int i = 0; i < weight.extent(1); i++) {
        for (int tap = 0; tap < kernelF * kernelT; tap++) {
          packed[(tap * in.width() + in.at(i)) * out.width() + out.at(o)] = elements[at++];
        }
      }
    }
    return packed;
  }

  /** (O, 1, KF, KT) as (KF, KT, O): what the first layer reads. */
  static float[] taps(Tensor weight, ChannelLayout out) {
    int taps = weight.extent(2) * weight.extent(3);
    float[] packed = new float[taps * out.width()];
    float[] elements = weight.data();
    for (int o = 0; o < weight.extent(0); o++) {
      for (int tap = 0; tap < taps; tap++) {
        packed[tap * out.width() + out.at(o)] = elements[o * taps + tap];
      }
    }
    return packed;
  }

  /** (O, I, KF, KT) as (O, KF, KT, I): what the libraries read. */
  static float[] outputMajor(Tensor weight, ChannelLayout in, ChannelLayout out) {
    int taps = weight.extent(2) * weight.extent(3);
    float[] packed = new float[taps * in.width() * out.width()];
    float[] elements = weight.data();
    int at = 0;
    for (int o = 0; o < weight.extent(0); o++) {
      for (int i = 0; i < weight.extent(1); i++) {
        for (int tap = 0; tap < taps; tap++) {
          packed[(out.at(o) * taps + tap) * in.width() + in.at(i)] = elements[at++];
        }
      }
    }
    return packed;
  }

  /** A vector over channels, as they lie in memory. */
  static float[] vector(Tensor vector, ChannelLayout layout) {
    float[] packed = new float[layout.width()];
    float[] elements = vector.data();
    for (int c = 0; c < layout.channels(); c++) {
      packed[layout.at(c)] = elements[c];
    }
    return packed;
  }

  /** Columns {@code from} to {@code from + count} of a matrix (O, I), as a 1×1 kernel. */
  static Tensor pointwise(Tensor matrix, int from, int count) {
    int rows = matrix.extent(0);
    float[] part = new float[rows * count];
    float[] elements = matrix.data();
    for (int o = 0; o < rows; o++) {
      System.arraycopy(elements, o * matrix.extent(1) + from, part, o * count, count);
    }
    return Tensor.of(part, rows, count, 1, 1);
  }

  /**
   * The squeeze matrix (R, 2C) of a fusion as (2C, R), the channels of each half as they lie in
   * memory.
   */
  static float[] squeeze(Tensor squeeze, ChannelLayout layout) {
    int inner = squeeze.extent(0);
    float[] packed = new float[2 * layout.width() * inner];
    float[] elements = squeeze.data();
    for (int r = 0; r < inner; r++) {
      for (int c = 0; c < layout.channels(); c++) {
        int x = r * 2 * layout.channels() + c;
        packed[layout.at(c) * inner + r] = elements[x];
        packed[(layout.width() + layout.at(c)) * inner + r] = elements[x + layout.channels()];
      }
    }
    return packed;
  }

  /** The expand matrix (C, R) of a fusion as (R, C), channels as they lie in memory. */
  static float[] expand(Tensor expand, ChannelLayout layout) {
    int inner = expand.extent(1);
    float[] packed = new float[inner * layout.width()];
    float[] elements = expand.data();
    for (int c = 0; c < layout.channels(); c++) {
      for (int r = 0; r < inner; r++) {
        packed[r * layout.width() + layout.at(c)] = elements[c * inner + r];
      }
    }
    return packed;
  }

  /** (H, C·F) with F fastest as (F, C, H). */
  static float[] attentiveHidden(Tensor weight, int channels, int rows) {
    int hidden = weight.extent(0);
    float[] packed = new float[hidden * channels * rows];
    float[] elements = weight.data();
    for (int h = 0; h < hidden; h++) {
      for (int c = 0; c < channels; c++) {
        for (int f = 0; f < rows; f++) {
          packed[(f * channels + c) * hidden + h] = elements[h * channels * rows + c * rows + f];
        }
      }
    }
    return packed;
  }

  /** (C·F, H) with F fastest as (H, F, C). */
  static float[] attentiveScore(Tensor weight, int channels, int rows) {
    int hidden = weight.extent(1);
    float[] packed = new float[hidden * channels * rows];
    float[] elements = weight.data();
    for (int c = 0; c < channels; c++) {
      for (int f = 0; f < rows; f++) {
        for (int h = 0; h < hidden; h++) {
          packed[(h * rows + f) * channels + c] = elements[(c * rows + f) * hidden + h];
        }
      }
    }
    return packed;
  }

  /** (C·F) with F fastest as (F, C). */
  static float[] attentiveBias(Tensor bias, int channels, int rows) {
    float[] packed = new float[channels * rows];
    float[] elements = bias.data();
    for (int c = 0; c < channels; c++) {
      for (int f = 0; f < rows; f++) {
        packed[f * channels + c] = elements[c * rows + f];
      }
    }
    return packed;
  }
}
