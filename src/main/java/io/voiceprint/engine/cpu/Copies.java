package io.voiceprint.engine.cpu;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_FROM;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_TO;

import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.memory.desc;
import org.bytedeco.dnnl.reorder;
import org.bytedeco.javacpp.PointerScope;

/** Makes the primitives that copy values. */
@SuppressWarnings("try") // A PointerScope frees what is made while it is open; nobody calls it.
final class Copies {
  private final Primitives primitives;

  Copies(Primitives primitives) {
    this.primitives = primitives;
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
          new reorder.primitive_desc(
              primitives.cpu(), source, primitives.cpu(), target, new PostOps().attribute(), false);
      Map<Integer, memory> arguments = new LinkedHashMap<>();
      arguments.put(DNNL_ARG_FROM, primitives.bound(source, from));
      arguments.put(DNNL_ARG_TO, primitives.bound(target, to));
      return primitives.call(key, chosen, new reorder(chosen), arguments);
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
              primitives.cpu(),
              strip.desc(),
              primitives.cpu(),
              target,
              new PostOps().attribute(),
              false);
      memory into = primitives.bound(target, whole);
      Map<Integer, memory> arguments = new LinkedHashMap<>();
      arguments.put(DNNL_ARG_FROM, primitives.bound(strip));
      arguments.put(DNNL_ARG_TO, into);
      PrimitiveCall copy = primitives.call(key, chosen, new reorder(chosen), arguments);
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
}
