package io.voiceprint.engine.cpu;

import io.voiceprint.engine.cpu.Primitives.Binding;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.dnnl.memory;

/** A graph for utterances of up to a number of frames: steps in order, and a planned arena. */
final class Plan implements AutoCloseable {
  private final List<List<Step>> steps; // per node
  private final Region[] regions; // per node
  private final long arenaBytes;
  private final List<Binding> bindings;
  private final List<memory> scratchpads;
  private final Block scratchpad;
  private final Owned owned;
  private boolean bound;

  Plan(
      List<List<Step>> steps,
      Region[] regions,
      long arenaBytes,
      List<Binding> bindings,
      List<memory> scratchpads,
      Block scratchpad,
      Owned owned) {
    this.steps = steps;
    this.regions = regions;
    this.arenaBytes = arenaBytes;
    this.bindings = bindings;
    this.scratchpads = scratchpads;
    this.scratchpad = scratchpad;
    this.owned = owned;
  }

  long arenaBytes() {
    return arenaBytes;
  }

  Region region(int node) {
    return regions[node];
  }

  /** The arena has moved: the next run tells all memory objects. */
  void unbind() {
    bound = false;
  }

  private void bind(Arena arena) {
    for (Binding binding : bindings) {
      binding.object().set_data_handle(arena.at(binding.region().groupOffset(0)));
    }
    for (memory object : scratchpads) {
      object.set_data_handle(arena.at(scratchpad.offset()));
    }
    bound = true;
  }

  /**
   * Runs all nodes up to and including one; its value lies in {@link #region} until the next run.
   *
   * @param nanos gets the time of each node's steps; {@code null} for none
   */
  void run(Step.Run run, float[] features, int until, long[] nanos) {
    if (!bound) {
      bind(run.arena());
    }
    run.arena().write(regions[0].groupOffset(0), regions[0].type(), features);
    for (int node = 0; node <= until; node++) {
      long begin = nanos == null ? 0 : System.nanoTime();
      for (Step step : steps.get(node)) {
        step.execute(run);
      }
      if (nanos != null && !steps.get(node).isEmpty()) {
        nanos[node] = System.nanoTime() - begin;
      }
    }
  }

  /** oneDNN's names of the kernels it chose, by the name of the layer. */
  Map<String, String> implementations() {
    Map<String, String> names = new LinkedHashMap<>();
    for (List<Step> ofNode : steps) {
      for (Step step : ofNode) {
        if (step instanceof PrimitiveCall call) {
          names.put(call.node(), call.implementation());
        }
      }
    }
    return names;
  }

  @Override
  public void close() {
    owned.close();
  }
}
