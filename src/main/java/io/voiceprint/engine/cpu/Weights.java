package io.voiceprint.engine.cpu;

import io.voiceprint.graph.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.memory.data_type;
import org.bytedeco.dnnl.memory.desc;
import org.bytedeco.dnnl.memory.format_tag;
import org.bytedeco.dnnl.reorder;
import org.bytedeco.dnnl.stream;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.PointerScope;

/**
 * The constants of all plans, each once per arrangement that a primitive asked for: usually one for
 * all lengths.
 */
@SuppressWarnings("try") // A PointerScope frees what is made while it is open; nobody calls it.
final class Weights implements AutoCloseable {
  private record Packed(desc form, memory object) {}

  private final engine cpu;
  private final stream queue;
  private final Map<String, List<Packed>> packed = new HashMap<>();
  private final Owned owned = new Owned();

  Weights(engine cpu, stream queue) {
    this.cpu = cpu;
    this.queue = queue;
  }

  /**
   * Weights as a primitive wants them.
   *
   * @param key what they are
   * @param plain the same weights in C order, float32, asked for once per arrangement
   * @param wanted the primitive's arrangement
   */
  memory in(desc wanted, String key, Supplier<Tensor> plain) {
    List<Packed> known = packed.computeIfAbsent(key, k -> new ArrayList<>());
    for (Packed candidate : known) {
      if (candidate.form().equals(wanted)) {
        return candidate.object();
      }
    }
    desc kept = owned.keep(new desc(wanted));
    memory target = owned.keep(new memory(kept, cpu));
    Tensor tensor = plain.get();
    try (PointerScope scope = new PointerScope();
        FloatPointer data = new FloatPointer(tensor.data())) {
      memory source = new memory(plainDesc(tensor.shape()), cpu, data);
      new reorder(source, target).execute(queue, source, target);
      queue._wait();
    }
    known.add(new Packed(kept, target));
    return target;
  }

  private static desc plainDesc(int[] shape) {
    long[] dims = new long[shape.length];
    for (int i = 0; i < dims.length; i++) {
      dims[i] = shape[i];
    }
    format_tag tag =
        switch (shape.length) {
          case 1 -> format_tag.a;
          case 2 -> format_tag.ab;
          default -> format_tag.abcd;
        };
    return new desc(dims, data_type.f32, tag);
  }

  @Override
  public void close() {
    owned.close();
    packed.clear();
  }

  /**
   * A convolution's weights with physical channels and time as the first spatial axis.
   *
   * @param weight (O, I, KF, KT)
   * @return (O', I', KT, KF)
   */
  static Tensor physical(Tensor weight, Channels out, Channels in) {
    int kernelF = weight.extent(2);
    int kernelT = weight.extent(3);
    int taps = kernelF * kernelT;
    float[] data = new float[out.physical() * in.physical() * taps];
    int read = 0;
    for (int o = 0; o < out.count(); o++) {
      for (int i = 0; i < in.count(); i++) {
        int write = (out.position()[o] * in.physical() + in.position()[i]) * taps;
        for (int f = 0; f < kernelF; f++) {
          for (int t = 0; t < kernelT; t++) {
            data[write + t * kernelF + f] = weight.data()[read++];
          }
        }
      }
    }
    return Tensor.of(data, out.physical(), in.physical(), kernelT, kernelF);
  }

  /** A bias with physical channels. */
  static Tensor physical(Tensor bias, Channels out) {
    float[] data = new float[out.physical()];
    for (int o = 0; o < out.count(); o++) {
      data[out.position()[o]] = bias.data()[o];
    }
    return Tensor.of(data, out.physical());
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
    float[] data = new float[rows * count];
    for (int r = 0; r < rows; r++) {
      System.arraycopy(matrix.data(), r * width + from, data, r * count, count);
    }
    return Tensor.of(data, rows, count, 1, 1);
  }
}
