package io.voiceprint.engine.cuda;

import io.voiceprint.cuda.CudaException;
import io.voiceprint.cuda.CudaStream;
import io.voiceprint.graph.Node;
import java.util.ArrayList;
import java.util.List;

/** Every launch of a row's forward pass, ready to be queued: what a CUDA graph is captured from. */
final class Plan {
  private final Network network;
  private final RowPlan row;
  private final List<List<Launch>> steps = new ArrayList<>();

  /** Plans all nodes. */
  Plan(Network network, RowPlan row) {
    this(network, row, network::plan);
  }

  /** Plans every node on its own, so that the value of each can be read. */
  static Plan separate(Network network, RowPlan row) {
    return new Plan(network, row, network::planSeparately);
  }

  private interface Planning {
    void plan(int step, RowPlan row, List<Launch> launches);
  }

  private Plan(Network network, RowPlan row, Planning planning) {
    this.network = network;
    this.row = row;
    for (int step = 0; step < network.graph().nodes().size(); step++) {
      List<Launch> launches = new ArrayList<>();
      try {
        planning.plan(step, row, launches);
      } catch (CudaException e) {
        throw e.at(where(step));
      }
      steps.add(launches);
    }
  }

  /** Queues the steps up to {@code last}, included. */
  void enqueue(CudaStream stream, int last) {
    enqueue(stream, last, null);
  }

  /**
   * As {@link #enqueue(CudaStream, int)}.
   *
   * @param marks are set before and after each step that launches anything; {@code null} for none
   */
  void enqueue(CudaStream stream, int last, StepMarks marks) {
    for (int step = 0; step <= last; step++) {
      List<Launch> launches = steps.get(step);
      if (marks != null && !launches.isEmpty()) {
        marks.begin(step, stream);
      }
      for (int i = 0; i < launches.size(); i++) {
        try {
          launches.get(i).enqueue(stream);
        } catch (CudaException e) {
          throw e.at(where(step));
        }
      }
      if (marks != null && !launches.isEmpty()) {
        marks.end(step, stream);
      }
    }
  }

  /** The position of the last step. */
  int last() {
    return steps.size() - 1;
  }

  /** What is queued for a step. */
  List<Launch> launches(int step) {
    return List.copyOf(steps.get(step));
  }

  RowPlan row() {
    return row;
  }

  /** Launches of a whole pass. */
  int launches() {
    return steps.stream().mapToInt(List::size).sum();
  }

  private String where(int step) {
    Node node = network.node(step);
    StringBuilder where =
        new StringBuilder(step == 0 ? "front end" : node.name() + " " + node.output().shape());
    node.inputs().forEach(input -> where.append(", input=").append(input.shape()));
    return where
        .append(", columns=")
        .append(row.row().columns())
        .append(", clips=")
        .append(row.row().clips())
        .toString();
  }
}
