package io.voiceprint.engine.cpu;

import io.voiceprint.graph.Tensor;
import java.util.function.Supplier;
import org.bytedeco.dnnl.memory.data_type;
import org.bytedeco.dnnl.memory.desc;
import org.bytedeco.dnnl.memory.format_tag;

/**
 * A constant for each channel of a map, the same at all pixels.
 *
 * @param key under which it is kept
 * @param values one per physical channel
 */
record PerChannel(String key, Tensor values) {

  desc desc() {
    return new desc(shape(), data_type.f32, format_tag.abcd);
  }

  Supplier<PlainWeights> plain() {
    return () -> PlainWeights.of(values.reshaped(1, values.extent(0), 1, 1));
  }

  private long[] shape() {
    return new long[] {1, values.extent(0), 1, 1};
  }
}
