package io.voiceprint.engine.cpu;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_MEAN;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SCALE;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SHIFT;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC_0;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC_1;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_VARIANCE;

import io.voiceprint.graph.Activation;
import io.voiceprint.graph.Tensor;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.bytedeco.dnnl.batch_normalization_forward;
import org.bytedeco.dnnl.binary;
import org.bytedeco.dnnl.eltwise_forward;
import org.bytedeco.dnnl.global.dnnl.algorithm;
import org.bytedeco.dnnl.global.dnnl.prop_kind;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.memory.data_type;
import org.bytedeco.dnnl.memory.desc;
import org.bytedeco.dnnl.memory.format_tag;
import org.bytedeco.javacpp.PointerScope;

/** Makes the primitives that compute each element of a map on its own. */
@SuppressWarnings("try") // A PointerScope frees what is made while it is open; nobody calls it.
final class Elementwise {
  /** oneDNN's flags: mean, variance, scale and shift are given. */
  private static final int NORM_GIVEN = 0x1 | 0x2 | 0x4;

  /** oneDNN's flag: ReLU behind the normalisation. */
  private static final int NORM_RELU = 0x8;

  private final Primitives primitives;
  private final Weights weights;

  Elementwise(Primitives primitives, Weights weights) {
    this.primitives = primitives;
    this.weights = weights;
  }

  /**
   * to = activation(scale · from + shift), with a scale and a shift for each physical channel: a
   * batch normalisation whose mean is 0 and whose variance is 1, since oneDNN has vector code for
   * that and none for a product with a constant for each channel.
   *
   * @param activation none or ReLU; see {@link #clip} for the other
   */
  PrimitiveCall affine(
      String key, Region from, Region to, Tensor scale, Tensor shift, Activation activation) {
    int channels = scale.extent(0);
    try (PointerScope scope = new PointerScope()) {
      desc vector = new desc(new long[] {channels}, data_type.f32, format_tag.a);
      var chosen =
          new batch_normalization_forward.primitive_desc(
              primitives.cpu(),
              prop_kind.forward_inference.value,
              from.desc(),
              to.desc(),
              0f,
              NORM_GIVEN | (activation == Activation.RELU ? NORM_RELU : 0),
              new PostOps().attribute(),
              false);
      Map<Integer, memory> arguments = new LinkedHashMap<>();
      arguments.put(DNNL_ARG_SRC, primitives.bound(from));
      arguments.put(DNNL_ARG_MEAN, weights.in(vector, "zeros." + channels, constant(channels, 0)));
      arguments.put(
          DNNL_ARG_VARIANCE, weights.in(vector, "ones." + channels, constant(channels, 1)));
      arguments.put(
          DNNL_ARG_SCALE, weights.in(vector, key + ".scale", () -> PlainWeights.of(scale)));
      arguments.put(
          DNNL_ARG_SHIFT, weights.in(vector, key + ".shift", () -> PlainWeights.of(shift)));
      arguments.put(DNNL_ARG_DST, primitives.bound(to));
      return primitives.call(key, chosen, new batch_normalization_forward(chosen), arguments);
    }
  }

  /** Clips a map to [0, 20] where it lies. */
  PrimitiveCall clip(String key, Region map) {
    try (PointerScope scope = new PointerScope()) {
      var chosen =
          new eltwise_forward.primitive_desc(
              primitives.cpu(),
              prop_kind.forward_inference,
              algorithm.eltwise_clip,
              map.desc(),
              map.desc(),
              0f,
              PostOps.CLIP,
              new PostOps().attribute(),
              false);
      Map<Integer, memory> arguments = new LinkedHashMap<>();
      arguments.put(DNNL_ARG_SRC, primitives.bound(map));
      arguments.put(DNNL_ARG_DST, primitives.bound(map));
      return primitives.call(key, chosen, new eltwise_forward(chosen), arguments);
    }
  }

  private static Supplier<PlainWeights> constant(int count, float value) {
    return () -> {
      float[] values = new float[count];
      Arrays.fill(values, value);
      return PlainWeights.of(Tensor.of(values, count));
    };
  }

  /** to = function(a, b), element by element. */
  PrimitiveCall binary(String key, algorithm function, Region a, Region b, Region to) {
    try (PointerScope scope = new PointerScope()) {
      var chosen =
          new binary.primitive_desc(
              primitives.cpu(),
              function,
              a.desc(),
              b.desc(),
              to.desc(),
              new PostOps().attribute(),
              false);
      Map<Integer, memory> arguments = new LinkedHashMap<>();
      arguments.put(DNNL_ARG_SRC_0, primitives.bound(a));
      arguments.put(DNNL_ARG_SRC_1, primitives.bound(b));
      arguments.put(DNNL_ARG_DST, primitives.bound(to));
      return primitives.call(key, chosen, new binary(chosen), arguments);
    }
  }
}
