package io.voiceprint.engine.cpu;

import io.voiceprint.graph.Graph;
import java.util.List;
import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.stream;

/**
 * Makes plans of one graph, which share their weights. Thread-safe; whoever calls is a team's own
 * thread, since OpenMP would give every other one a team.
 */
final class Planner implements AutoCloseable {
  private final Graph graph;
  private final DataType type;
  private final Owned owned = new Owned();
  private final engine cpu;
  private final Layout layout;
  private final Placement placement;
  private final List<Head> heads;
  private final long stripBytes;
  private final Weights weights;

  /**
   * @param stripBytes size of the largest map of a strip, see {@link Strips}
   */
  Planner(Graph graph, DataType type, long stripBytes) {
    this.graph = graph;
    this.type = type;
    this.cpu = owned.keep(new engine(org.bytedeco.dnnl.engine.kind.cpu, 0));
    this.layout = Layout.preferred(type);
    this.placement = new Placement(graph, layout);
    this.heads = Head.of(graph, placement, type);
    this.stripBytes = stripBytes;
    this.weights = new Weights(cpu, owned.keep(new stream(cpu)));
  }

  Graph graph() {
    return graph;
  }

  /** Where the plans keep their values. */
  Placement placement() {
    return placement;
  }

  /** A queue of calls for one thread. */
  stream newStream() {
    return new stream(cpu);
  }

  /**
   * @param frames of the longest utterance
   */
  Plan plan(int frames) {
    return build(frames, Strips.choose(heads, graph.nodes().size(), frames, stripBytes));
  }

  /** A plan without strips, which keeps all values complete. */
  Plan planInOnePiece(int frames) {
    return build(frames, Strips.none(graph.nodes().size(), frames));
  }

  private synchronized Plan build(int frames, Strips strips) {
    try {
      return new PlanBuilder(graph, placement, layout, type, frames, strips, cpu, weights).build();
    } finally {
      weights.endReading();
    }
  }

  @Override
  public void close() {
    weights.close();
    owned.close();
  }
}
