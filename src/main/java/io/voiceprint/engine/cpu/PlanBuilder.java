package io.voiceprint.engine.cpu;

import io.voiceprint.engine.EngineException;
import io.voiceprint.graph.Graph;
import io.voiceprint.graph.Node;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.dnnl.engine;

/** Turns a graph into a {@link Plan} for utterances of up to a number of frames. */
final class PlanBuilder {
  private final Graph graph;
  private final Placement placement;
  private final int frames;
  private final Strips strips;
  private final Owned owned = new Owned();
  private final Primitives primitives;
  private final Regions regions;
  private final NodeSteps nodeSteps;
  private final Copies copies;
  private final List<List<Step>> steps = new ArrayList<>(); // per node

  PlanBuilder(
      Graph graph,
      Placement placement,
      Layout layout,
      DataType type,
      int frames,
      Strips strips,
      engine cpu,
      Weights weights) {
    this.graph = graph;
    this.placement = placement;
    this.frames = frames;
    this.strips = strips;
    this.primitives = new Primitives(cpu, owned);
    this.regions = new Regions(graph, placement, layout, type, frames, strips);
    this.copies = new Copies(primitives);
    this.nodeSteps = new NodeSteps(placement, layout, type, regions, primitives, weights);
  }

  /**
   * @throws EngineException if oneDNN cannot do what a node asks for
   */
  Plan build() {
    int nodes = graph.nodes().size();
    for (int id = 0; id < nodes; id++) {
      steps.add(new ArrayList<>());
    }
    try {
      for (Node node : graph.nodes()) {
        plan(node);
      }
    } catch (RuntimeException e) {
      owned.close();
      throw e;
    }
    return new Plan(strips, steps, regions.all(), regions.place(), primitives.bindings(), owned);
  }

  private void plan(Node node) {
    int id = node.output().id();
    Region region = regions.add(node.output());
    try {
      nodeSteps.add(node, steps.get(id));
      if (strips.contains(id)) {
        joinStrips(node, region);
      }
      zeroTail(node, region, id);
      if (strips.contains(id) && id == strips.lastNode()) {
        leaveHead();
      }
      primitives.endNode(id, regions);
    } catch (UncheckedIOException e) {
      throw new EngineException(e.getMessage(), e);
    } catch (RuntimeException e) {
      throw new EngineException(
          "%s (%s) for %d frames: oneDNN says: %s"
              .formatted(node.name(), node.output().shape(), frames, e.getMessage()),
          e);
    }
  }

  private void joinStrips(Node node, Region region) {
    if (node instanceof Node.Conv2d conv && conv.kernelT() > 1) {
      int step = strips.step() / conv.output().map().timeStride();
      Region kept = regions.kept(region, Head.rowsBefore(conv));
      steps.get(node.output().id()).add(new SeamRows(region, kept, step));
    }
  }

  private void zeroTail(Node node, Region region, int at) {
    int rows = region.time() > 1 ? placement.tailRows(node.output()) : 0;
    if (rows > 0 && !(node instanceof Node.ChannelSlice)) {
      steps.get(at).add(new TailZeros(region, node.output().map(), rows));
    }
  }

  /** After each strip its values are copied out; after the last, the next node finds all rows. */
  private void leaveHead() {
    int last = strips.lastNode();
    for (Regions.Leaving value : regions.leaveHead()) {
      steps.get(last).add(copies.gather(graph.nodes().get(last).name() + ".gather", value));
    }
    for (Node node : graph.nodes().subList(1, last + 1)) {
      Region region = regions.of(node.output());
      if (placement.lastRead(placement.spot(node.output()).root()) > last) {
        zeroTail(node, region, last + 1);
      }
    }
  }
}
