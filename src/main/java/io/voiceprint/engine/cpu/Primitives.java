package io.voiceprint.engine.cpu;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SCRATCHPAD;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.memory.desc;
import org.bytedeco.dnnl.primitive;
import org.bytedeco.dnnl.primitive_desc_base;
import org.bytedeco.javacpp.Pointer;

/** The primitives of one plan, and the memory objects that they work on. */
final class Primitives {
  /** A memory object whose address is known once the arena is planned. */
  record Binding(memory object, Region region) {}

  private final engine cpu;
  private final Owned owned;
  private final List<Binding> bindings = new ArrayList<>();
  private final List<memory> scratchpads = new ArrayList<>();
  private long scratchpadBytes;

  Primitives(engine cpu, Owned owned) {
    this.cpu = cpu;
    this.owned = owned;
  }

  engine cpu() {
    return cpu;
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

  /** A memory object for a region as it is. */
  memory bound(Region region) {
    return bound(region.desc(), region);
  }

  /**
   * A memory object for a region.
   *
   * @param form what is seen of it
   */
  memory bound(desc form, Region region) {
    memory object = owned.keep(new memory(form, cpu, (Pointer) null));
    bindings.add(new Binding(object, region));
    return object;
  }

  /**
   * A primitive that is ready to run.
   *
   * @param key the name of the layer
   * @param chosen what the primitive was made of
   * @param arguments by argument index
   */
  PrimitiveCall call(
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
