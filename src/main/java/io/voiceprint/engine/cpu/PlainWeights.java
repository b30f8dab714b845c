package io.voiceprint.engine.cpu;

import io.voiceprint.graph.Tensor;
import org.bytedeco.dnnl.memory.data_type;
import org.bytedeco.dnnl.memory.desc;

/**
 * Weights as a graph has them, seen with the axes in oneDNN's order.
 *
 * @param tensor the elements, float32 in C order
 * @param dims extents in oneDNN's order, output channels first
 * @param strides from one index to the next along each axis, in elements; output channels are
 *     outermost in the tensor too
 */
record PlainWeights(Tensor tensor, long[] dims, long[] strides) {

  /** Axes in the tensor's own order. */
  static PlainWeights of(Tensor tensor) {
    long[] dims = new long[tensor.rank()];
    long[] strides = new long[dims.length];
    long step = 1;
    for (int i = dims.length - 1; i >= 0; i--) {
      dims[i] = tensor.extent(i);
      strides[i] = step;
      step *= dims[i];
    }
    return new PlainWeights(tensor, dims, strides);
  }

  /**
   * A convolution's weights with physical channels and time as the first spatial axis: (O', I', KT,
   * KF). Where no channels are added, only the axes are swapped, and nothing is copied.
   *
   * @param weight (O, I, KF, KT)
   */
  static PlainWeights convolution(Tensor weight, Channels out, Channels in) {
    if (out.isPadded() || in.isPadded()) {
      return of(physical(weight, out, in));
    }
    long kernelF = weight.extent(2);
    long kernelT = weight.extent(3);
    long taps = kernelF * kernelT;
    return new PlainWeights(
        weight,
        new long[] {weight.extent(0), weight.extent(1), kernelT, kernelF},
        new long[] {weight.extent(1) * taps, taps, 1, kernelT});
  }

  private static Tensor physical(Tensor weight, Channels out, Channels in) {
    int kernelF = weight.extent(2);
    int kernelT = weight.extent(3);
    int taps = kernelF * kernelT;
    float[] plain = weight.data();
    float[] data = new float[out.physical() * in.physical() * taps];
    int read = 0;
    for (int o = 0; o < out.count(); o++) {
      for (int i = 0; i < in.count(); i++) {
        int write = (out.position()[o] * in.physical() + in.position()[i]) * taps;
        for (int f = 0; f < kernelF; f++) {
          for (int t = 0; t < kernelT; t++) {
            data[write + t * kernelF + f] = plain[read++];
          }
        }
      }
    }
    return Tensor.of(data, out.physical(), in.physical(), kernelT, kernelF);
  }

  /** A vector with one element per physical channel. */
  static Tensor physical(Tensor vector, Channels channels) {
    float[] data = new float[channels.physical()];
    for (int c = 0; c < channels.count(); c++) {
      data[channels.position()[c]] = vector.data()[c];
    }
    return Tensor.of(data, channels.physical());
  }

  /**
   * Columns {@code from} to {@code from + count} of a matrix, as the weights of a 1×1 convolution.
   *
   * @param matrix (R, C)
   * @return (R, count, 1, 1)
   */
  static Tensor columns(Tensor matrix, int from, int count) {
    int rows = matrix.extent(0);
    int width = matrix.extent(1);
    if (count == width) {
      return matrix.reshaped(rows, width, 1, 1);
    }
    float[] plain = matrix.data();
    float[] data = new float[rows * count];
    for (int r = 0; r < rows; r++) {
      System.arraycopy(plain, r * width + from, data, r * count, count);
    }
    return Tensor.of(data, rows, count, 1, 1);
  }

  /** All of them. */
  desc desc() {
    return new desc(dims, data_type.f32, strides);
  }

  /** Only so many output channels, one behind the other. */
  desc desc(int outputs) {
    return new desc(dimsOf(outputs), data_type.f32, strides);
  }

  /** The extents with only so many output channels. */
  long[] dimsOf(int outputs) {
    long[] fewer = dims.clone();
    fewer[0] = outputs;
    return fewer;
  }

  int outputs() {
    return (int) dims[0];
  }

  /** Elements of one output channel. */
  int perOutput() {
    return tensor.elements() / outputs();
  }
}
