package io.voiceprint.engine.cpu;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_BIAS;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC_0;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_WEIGHTS;

import io.voiceprint.graph.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.bytedeco.dnnl.convolution_forward;
import org.bytedeco.dnnl.global.dnnl.algorithm;
import org.bytedeco.dnnl.global.dnnl.prop_kind;
import org.bytedeco.dnnl.inner_product_forward;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.memory.data_type;
import org.bytedeco.dnnl.memory.desc;
import org.bytedeco.dnnl.memory.format_tag;
import org.bytedeco.javacpp.PointerScope;

/** Makes the primitives that multiply with weights. */
@SuppressWarnings("try") // A PointerScope frees what is made while it is open; nobody calls it.
final class Layers {
  private final Primitives primitives;
  private final Weights weights;

  Layers(Primitives primitives, Weights weights) {
    this.primitives = primitives;
    this.weights = weights;
  }

  /**
   * A convolution.
   *
   * @param key under which its weights are kept
   * @param weight (O', I', KT, KF)
   * @param bias (O'), or {@code null}
   */
  PrimitiveCall convolution(
      String key,
      Region from,
      Region to,
      Window window,
      Supplier<PlainWeights> weight,
      Supplier<Tensor> bias,
      PostOps postOps) {
    try (PointerScope scope = new PointerScope()) {
      desc biasDesc = bias == null ? new desc() : vector(to.channels());
      memory biasMemory = bias == null ? null : weights.in(biasDesc, key + ".bias", plain(bias));
      return convolution(key, from, to, window, weight, biasDesc, biasMemory, postOps);
    }
  }

  /** As above, with a bias that is computed: a vector of float32. */
  PrimitiveCall convolutionWithComputedBias(
      String key,
      Region from,
      Region to,
      Window window,
      Supplier<PlainWeights> weight,
      Region bias,
      PostOps postOps) {
    try (PointerScope scope = new PointerScope()) {
      desc biasDesc = vector(to.channels());
      return convolution(
          key, from, to, window, weight, biasDesc, primitives.bound(biasDesc, bias), postOps);
    }
  }

  private static desc vector(int size) {
    return new desc(new long[] {size}, data_type.f32, format_tag.a);
  }

  private PrimitiveCall convolution(
      String key,
      Region from,
      Region to,
      Window window,
      Supplier<PlainWeights> weight,
      desc biasDesc,
      memory bias,
      PostOps postOps) {
    try (PointerScope scope = new PointerScope()) {
      long[] dims = {to.channels(), from.channels(), window.kernelT(), window.kernelF()};
      desc weightDesc = new desc(dims, from.type().dnnl(), format_tag.any);
      int reach = (window.kernelT() - 1) * window.dilationT() + 1;
      long[] before = {window.padT(), window.padF()};
      long[] after = {
        (to.time() - 1L) * window.strideT() + reach - window.padT() - from.time(),
        (to.frequency() - 1L) * window.strideF()
            + window.kernelF()
            - window.padF()
            - from.frequency()
      };
      var chosen =
          new convolution_forward.primitive_desc(
              primitives.cpu(),
              prop_kind.forward_inference,
              algorithm.convolution_direct,
              from.desc(),
              weightDesc,
              biasDesc,
              to.desc(),
              new long[] {window.strideT(), window.strideF()},
              new long[] {window.dilationT() - 1L, 0},
              before,
              after,
              postOps.attribute(),
              false);
      Map<Integer, memory> arguments = new LinkedHashMap<>();
      arguments.put(DNNL_ARG_SRC_0, primitives.bound(from));
      arguments.put(DNNL_ARG_DST, primitives.bound(to));
      arguments.put(DNNL_ARG_WEIGHTS, weights.in(chosen.weights_desc(), key, weight));
      if (bias != null) {
        arguments.put(DNNL_ARG_BIAS, bias);
      }
      addOperands(arguments, postOps);
      return primitives.call(key, chosen, new convolution_forward(chosen), arguments);
    }
  }

  /**
   * A fully connected layer on vectors.
   *
   * @param weight (O, I)
   * @param bias (O)
   */
  PrimitiveCall fullyConnected(
      String key, Region from, Region to, Tensor weight, Tensor bias, PostOps postOps) {
    try (PointerScope scope = new PointerScope()) {
      desc weightDesc =
          new desc(new long[] {to.channels(), from.channels()}, from.type().dnnl(), format_tag.any);
      desc biasDesc = new desc(new long[] {to.channels()}, data_type.f32, format_tag.a);
      var chosen =
          new inner_product_forward.primitive_desc(
              primitives.cpu(),
              prop_kind.forward_inference,
              row(from),
              weightDesc,
              biasDesc,
              row(to),
              postOps.attribute(),
              false);
      Map<Integer, memory> arguments = new LinkedHashMap<>();
      arguments.put(DNNL_ARG_SRC_0, primitives.bound(row(from), from));
      arguments.put(DNNL_ARG_DST, primitives.bound(row(to), to));
      arguments.put(
          DNNL_ARG_WEIGHTS, weights.in(chosen.weights_desc(), key, () -> PlainWeights.of(weight)));
      arguments.put(
          DNNL_ARG_BIAS, weights.in(biasDesc, key + ".bias", () -> PlainWeights.of(bias)));
      return primitives.call(key, chosen, new inner_product_forward(chosen), arguments);
    }
  }

  private static desc row(Region vector) {
    return new desc(new long[] {1, vector.channels()}, vector.type().dnnl(), format_tag.ab);
  }

  private void addOperands(Map<Integer, memory> arguments, PostOps postOps) {
    postOps.operands().forEach((index, region) -> arguments.put(index, primitives.bound(region)));
    postOps
        .constants()
        .forEach(
            (index, constant) ->
                arguments.put(
                    index, weights.in(constant.desc(), constant.key(), constant.plain())));
  }

  private static Supplier<PlainWeights> plain(Supplier<Tensor> tensor) {
    return () -> PlainWeights.of(tensor.get());
  }
}
