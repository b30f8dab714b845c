package io.voiceprint.engine.cpu;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_BIAS;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_FROM;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_MEAN;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SCALE;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SCRATCHPAD;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SHIFT;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC_0;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC_1;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_TO;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_VARIANCE;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_WEIGHTS;

import io.voiceprint.graph.Activation;
import io.voiceprint.graph.ConvGeometry;
import io.voiceprint.graph.Node;
import io.voiceprint.graph.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.bytedeco.dnnl.batch_normalization_forward;
import org.bytedeco.dnnl.binary;
import org.bytedeco.dnnl.convolution_forward;
import org.bytedeco.dnnl.eltwise_forward;
import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.global.dnnl.algorithm;
import org.bytedeco.dnnl.global.dnnl.prop_kind;
import org.bytedeco.dnnl.inner_product_forward;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.memory.data_type;
import org.bytedeco.dnnl.memory.desc;
import org.bytedeco.dnnl.memory.format_tag;
import org.bytedeco.dnnl.primitive;
import org.bytedeco.dnnl.primitive_desc_base;
import org.bytedeco.dnnl.reorder;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;

/** Makes the primitives of one plan and the memory objects they work on. */
@SuppressWarnings("try") // A PointerScope frees what is made while it is open; nobody calls it.
final class Primitives {
  /** A memory object whose address is known once the arena is planned. */
  record Binding(memory object, Region region) {}

  /** oneDNN's flags: mean, variance, scale and shift are given. */
  private static final int NORM_GIVEN = 0x1 | 0x2 | 0x4;

  /** oneDNN's flag: ReLU behind the normalisation. */
  private static final int NORM_RELU = 0x8;

  private final engine cpu;
  private final Weights weights;
  private final Owned owned;
  private final List<Binding> bindings = new ArrayList<>();
  private final List<memory> scratchpads = new ArrayList<>();
  private long scratchpadBytes;

  Primitives(engine cpu, Weights weights, Owned owned) {
    this.cpu = cpu;
    this.weights = weights;
    this.owned = owned;
  }

  List<Binding> bindings() {
    return bindings;
  }

  /** Memory objects that all share one scratchpad. */
  List<memory> scratchpads() {
    return scratchpads;
  }

  long scratchpadBytes() {
    return scratchpadBytes;
  }

  /**
   * Geometry of a convolution along T and F.
   *
   * @param kernelT extent along time
   * @param kernelF extent along frequency
   * @param dilationT rows between neighbouring taps
   * @param padT zero rows on either side
   * @param padF zero columns on either side
   */
  record Window(
      int kernelT, int kernelF, int strideT, int strideF, int dilationT, int padT, int padF) {
    /** A node's own; what it pads by reflection is padded beforehand. */
    static Window of(Node.Conv2d conv) {
      ConvGeometry geometry = conv.geometry();
      boolean zeros = geometry.padding() == ConvGeometry.Padding.ZERO;
      return new Window(
          conv.kernelT(),
          conv.kernelF(),
          geometry.strideT(),
          geometry.strideF(),
          geometry.dilationT(),
          zeros ? conv.radiusT() : 0,
          conv.kernelF() / 2);
    }

    /** One that spans {@code frequency} without padding. */
    static Window column(int frequency) {
      return new Window(1, frequency, 1, 1, 1, 0, 0);
    }

    static Window pixel() {
      return column(1);
    }
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
      Supplier<Tensor> weight,
      Supplier<Tensor> bias,
      PostOps postOps) {
    try (PointerScope scope = new PointerScope()) {
      desc biasDesc = bias == null ? new desc() : vector(to.channels());
      memory biasMemory = bias == null ? null : weights.in(biasDesc, key + ".bias", bias);
      return convolution(key, from, to, window, weight, biasDesc, biasMemory, postOps);
    }
  }

  /** As above, with a bias that is computed: a vector of float32. */
  PrimitiveCall convolutionWithComputedBias(
      String key,
      Region from,
      Region to,
      Window window,
      Supplier<Tensor> weight,
      Region bias,
      PostOps postOps) {
    try (PointerScope scope = new PointerScope()) {
      desc biasDesc = vector(to.channels());
      return convolution(key, from, to, window, weight, biasDesc, bound(biasDesc, bias), postOps);
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
      Supplier<Tensor> weight,
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
              cpu,
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
      arguments.put(DNNL_ARG_SRC_0, bound(from));
      arguments.put(DNNL_ARG_DST, bound(to));
      arguments.put(DNNL_ARG_WEIGHTS, weights.in(chosen.weights_desc(), key, weight));
      if (bias != null) {
        arguments.put(DNNL_ARG_BIAS, bias);
      }
      addOperands(arguments, postOps);
      return call(key, chosen, new convolution_forward(chosen), arguments);
    }
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
              cpu,
              prop_kind.forward_inference.value,
              from.desc(),
              to.desc(),
              0f,
              NORM_GIVEN | (activation == Activation.RELU ? NORM_RELU : 0),
              new PostOps().attribute(),
              false);
      Map<Integer, memory> arguments = new LinkedHashMap<>();
      arguments.put(DNNL_ARG_SRC, bound(from));
      arguments.put(DNNL_ARG_MEAN, weights.in(vector, "zeros." + channels, constant(channels, 0)));
      arguments.put(
          DNNL_ARG_VARIANCE, weights.in(vector, "ones." + channels, constant(channels, 1)));
      arguments.put(DNNL_ARG_SCALE, weights.in(vector, key + ".scale", () -> scale));
      arguments.put(DNNL_ARG_SHIFT, weights.in(vector, key + ".shift", () -> shift));
      arguments.put(DNNL_ARG_DST, bound(to));
      return call(key, chosen, new batch_normalization_forward(chosen), arguments);
    }
  }

  /** Clips a map to [0, 20] where it lies. */
  PrimitiveCall clip(String key, Region map) {
    try (PointerScope scope = new PointerScope()) {
      var chosen =
          new eltwise_forward.primitive_desc(
              cpu,
              prop_kind.forward_inference,
              algorithm.eltwise_clip,
              map.desc(),
              map.desc(),
              0f,
              PostOps.CLIP,
              new PostOps().attribute(),
              false);
      Map<Integer, memory> arguments = new LinkedHashMap<>();
      arguments.put(DNNL_ARG_SRC, bound(map));
      arguments.put(DNNL_ARG_DST, bound(map));
      return call(key, chosen, new eltwise_forward(chosen), arguments);
    }
  }

  private static Supplier<Tensor> constant(int count, float value) {
    return () -> {
      float[] values = new float[count];
      Arrays.fill(values, value);
      return Tensor.of(values, count);
    };
  }

  /** to = function(a, b), element by element. */
  PrimitiveCall binary(String key, algorithm function, Region a, Region b, Region to) {
    try (PointerScope scope = new PointerScope()) {
      var chosen =
          new binary.primitive_desc(
              cpu, function, a.desc(), b.desc(), to.desc(), new PostOps().attribute(), false);
      Map<Integer, memory> arguments = new LinkedHashMap<>();
      arguments.put(DNNL_ARG_SRC_0, bound(a));
      arguments.put(DNNL_ARG_SRC_1, bound(b));
      arguments.put(DNNL_ARG_DST, bound(to));
      return call(key, chosen, new binary(chosen), arguments);
    }
  }

  /**
   * Copies channels of {@code from} to channels of {@code to}, changing the type where it differs.
   */
  PrimitiveCall copy(
      String key, Region from, int fromChannel, Region to, int toChannel, int count) {
    try (PointerScope scope = new PointerScope()) {
      desc source = channels(from, fromChannel, count);
      desc target = channels(to, toChannel, count);
      var chosen =
          new reorder.primitive_desc(cpu, source, cpu, target, new PostOps().attribute(), false);
      Map<Integer, memory> arguments = new LinkedHashMap<>();
      arguments.put(DNNL_ARG_FROM, bound(source, from));
      arguments.put(DNNL_ARG_TO, bound(target, to));
      return call(key, chosen, new reorder(chosen), arguments);
    }
  }

  /** Copies a strip to its place among all rows. */
  StripCopy gather(String key, Regions.Leaving value) {
    Region strip = value.strip();
    Region whole = value.whole();
    try (PointerScope scope = new PointerScope()) {
      desc target =
          whole
              .desc()
              .submemory_desc(
                  new long[] {1, strip.channels(), strip.time(), strip.frequency()}, new long[4]);
      var chosen =
          new reorder.primitive_desc(
              cpu, strip.desc(), cpu, target, new PostOps().attribute(), false);
      memory into = bound(target, whole);
      Map<Integer, memory> arguments = new LinkedHashMap<>();
      arguments.put(DNNL_ARG_FROM, bound(strip));
      arguments.put(DNNL_ARG_TO, into);
      PrimitiveCall copy = call(key, chosen, new reorder(chosen), arguments);
      return new StripCopy(copy, into, whole, value.timeStride());
    }
  }

  private static desc channels(Region region, int from, int count) {
    if (count == region.channels()) {
      return region.desc();
    }
    return region
        .desc()
        .submemory_desc(
            new long[] {1, count, region.time(), region.frequency()}, new long[] {0, from, 0, 0});
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
              cpu,
              prop_kind.forward_inference,
              row(from),
              weightDesc,
              biasDesc,
              row(to),
              postOps.attribute(),
              false);
      Map<Integer, memory> arguments = new LinkedHashMap<>();
      arguments.put(DNNL_ARG_SRC_0, bound(row(from), from));
      arguments.put(DNNL_ARG_DST, bound(row(to), to));
      arguments.put(DNNL_ARG_WEIGHTS, weights.in(chosen.weights_desc(), key, () -> weight));
      arguments.put(DNNL_ARG_BIAS, weights.in(biasDesc, key + ".bias", () -> bias));
      return call(key, chosen, new inner_product_forward(chosen), arguments);
    }
  }

  private static desc row(Region vector) {
    return new desc(new long[] {1, vector.channels()}, vector.type().dnnl(), format_tag.ab);
  }

  private void addOperands(Map<Integer, memory> arguments, PostOps postOps) {
    postOps.operands().forEach((index, region) -> arguments.put(index, bound(region)));
    postOps
        .constants()
        .forEach(
            (index, constant) ->
                arguments.put(
                    index, weights.in(constant.desc(), constant.key(), constant.plain())));
  }

  private memory bound(Region region) {
    return bound(region.desc(), region);
  }

  private memory bound(desc form, Region region) {
    memory object = owned.keep(new memory(form, cpu, (Pointer) null));
    bindings.add(new Binding(object, region));
    return object;
  }

  private PrimitiveCall call(
      String key, primitive_desc_base chosen, primitive made, Map<Integer, memory> arguments) {
    desc scratchpad = chosen.scratchpad_desc();
    if (scratchpad.get_size() > 0) {
      memory object = owned.keep(new memory(scratchpad, cpu, (Pointer) null));
      scratchpads.add(object);
      scratchpadBytes = Math.max(scratchpadBytes, scratchpad.get_size());
      arguments.put(DNNL_ARG_SCRATCHPAD, object);
    }
    return new PrimitiveCall(key, chosen.impl_info_str().getString(), made, arguments, owned);
  }
}
