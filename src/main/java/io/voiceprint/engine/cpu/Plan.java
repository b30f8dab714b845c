package io.voiceprint.engine.cpu;

import io.voiceprint.engine.cpu.Primitives.Binding;
import io.voiceprint.engine.cpu.Step.Run;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A graph for utterances of up to a number of frames: steps in order, and a planned arena. */
final class Plan implements AutoCloseable {
  private final Strips strips;
  private final List<List<Step>> steps; // per node
  private final Region[] regions; // per node
  private final long arenaBytes;
  private final List<Binding> bindings;
  private final Owned owned;
  private boolean bound;

  Plan(
      Strips strips,
      List<List<Step>> steps,
      Region[] regions,
      long arenaBytes,
      List<Binding> bindings,
      Owned owned) {
    this.strips = strips;
    this.steps = steps;
    this.regions = regions;
    this.arenaBytes = arenaBytes;
    this.bindings = bindings;
    this.owned = owned;
  }

  long arenaBytes() {
    return arenaBytes;
  }

  /** Whether a node's value is complete after a run, not only one strip of it. */
  boolean keeps(int node) {
    return !strips.contains(node);
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
      binding.object().set_data_handle(arena.at(binding.offset().getAsLong()));
    }
    bound = true;
  }

  /**
   * Runs all nodes up to and including one that the plan {@linkplain #keeps keeps}; its value lies
   * in {@link #region} until the next run.
   *
   * @param nanos to which the time of each node's steps is added, in one strip after the other;
   *     {@code null} for none
   */
  void run(Run run, float[] features, int until, long[] nanos) {
    if (!bound) {
      bind(run.arena());
    }
    int headEnd = Math.min(until, strips.lastNode());
    for (int i = 0; i < strips.count() && i * strips.step() < run.frames(); i++) {
      int begin = i * strips.step();
      Run strip = run.piece(begin, Math.min(strips.frames(), run.frames() - begin));
      write(strip, features);
      execute(strip, 0, headEnd, nanos);
    }
    execute(run, headEnd + 1, until, nanos);
  }

  private void write(Run strip, float[] features) {
    Region input = regions[0];
    int bins = input.frequency();
    strip
        .arena()
        .write(input.groupOffset(0), features, strip.begin() * bins, strip.frames() * bins);
  }

  private void execute(Run run, int first, int last, long[] nanos) {
    for (int node = first; node <= last; node++) {
      long begin = nanos == null ? 0 : System.nanoTime();
      for (Step step : steps.get(node)) {
        step.execute(run);
      }
      if (nanos != null && !steps.get(node).isEmpty()) {
        nanos[node] += System.nanoTime() - begin;
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
