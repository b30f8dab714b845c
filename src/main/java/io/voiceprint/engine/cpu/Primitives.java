package io.voiceprint.engine.cpu;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SCRATCHPAD;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.memory.desc;
import org.bytedeco.dnnl.primitive;
import org.bytedeco.dnnl.primitive_desc_base;
import org.bytedeco.javacpp.Pointer;

/** The primitives of one plan, and the memory objects that they work on. */
final class Primitives {
  /** A memory object whose address is known once the arena is planned. */
  record Binding(memory object, LongSupplier offset) {}

  private final engine cpu;
  private final Owned owned;
  private final List<Binding> bindings = new ArrayList<>();
  private final List<memory> scratchpads = new ArrayList<>(); // of the node at hand
  private long scratchpadBytes; // the most that one of them needs

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

  /** Behind the last primitive of a node: all of them work in one scratchpad. */
  void endNode(int node, Regions regions) {
    if (scratchpads.isEmpty()) {
      return;
    }
    Block shared = regions.block(scratchpadBytes, node, node);
    for (memory scratchpad : scratchpads) {
      bindings.add(new Binding(scratchpad, shared::offset));
    }
    scratchpads.clear();
    scratchpadBytes = 0;
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
    bindings.add(new Binding(object, () -> region.groupOffset(0)));
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
