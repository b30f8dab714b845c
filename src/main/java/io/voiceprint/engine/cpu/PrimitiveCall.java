package io.voiceprint.engine.cpu;

import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_execute;
import static org.bytedeco.dnnl.global.dnnl.dnnl_success;

import io.voiceprint.engine.EngineException;
import java.util.Map;
import org.bytedeco.dnnl.dnnl_exec_arg_t;
import org.bytedeco.dnnl.dnnl_primitive;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.primitive;

/** A primitive with its arguments, prepared so that executing it is one native call. */
final class PrimitiveCall implements Step {
  private final String node;
  private final String implementation;
  private final dnnl_primitive handle;
  private final dnnl_exec_arg_t arguments;
  private final int count;

  /**
   * @param node whose work this is, for messages
   * @param implementation oneDNN's name of the kernel it chose
   * @param memories by argument index
   */
  PrimitiveCall(
      String node,
      String implementation,
      primitive made,
      Map<Integer, memory> memories,
      Owned owned) {
    this.node = node;
    this.implementation = implementation;
    this.handle = owned.keep(made).get();
    this.count = memories.size();
    this.arguments = owned.keep(new dnnl_exec_arg_t(count));
    int i = 0;
    for (Map.Entry<Integer, memory> entry : memories.entrySet()) {
      arguments.position(i++).arg(entry.getKey()).memory(entry.getValue().get());
    }
    arguments.position(0);
  }

  String node() {
    return node;
  }

  String implementation() {
    return implementation;
  }

  @Override
  public void execute(Run run) {
    int status = dnnl_primitive_execute(handle, run.queue().get(), count, arguments);
    if (status != dnnl_success) {
      throw new EngineException(
          "%s: oneDNN's %s failed with status=%d, frames=%d"
              .formatted(node, implementation, status, run.frames()));
    }
  }
}
