package io.voiceprint.engine.cuda;

import io.voiceprint.cuda.CudaGraph;
import io.voiceprint.cuda.CudaStream;

/**
 * How a lane runs rows of one size: their plan, the staging that it reads and writes, and its graph
 * once it was captured.
 */
final class RowProgram {
  private final Network network;
  private final Plan plan;
  private final Staging staging;
  private final boolean kept;
  private boolean ran;
  private CudaGraph graph;

  /**
   * @param kept whether later rows of this size use it and its staging too; else it is for one row,
   *     and owns its staging
   */
  RowProgram(Network network, Plan plan, Staging staging, boolean kept) {
    this.network = network;
    this.plan = plan;
    this.staging = staging;
    this.kept = kept;
  }

  Plan plan() {
    return plan;
  }

  Staging staging() {
    return staging;
  }

  /** Queues the upload of what lies in the staging. */
  void upload(CudaStream stream) {
    stream.upload(plan.row().base(), staging.up(), 0, plan.row().memory().uploadBytes());
  }

  /** Queues the row, from upload to download. */
  void start(CudaStream stream, String lane) {
    if (graph == null && ran && kept) {
      graph =
          CudaGraph.capture(stream, lane + ", " + plan.row().row(), () -> enqueue(stream, plan));
    }
    if (graph == null) {
      enqueue(stream, plan);
      ran = true;
    } else {
      graph.launch(stream);
    }
  }

  private void enqueue(CudaStream stream, Plan launches) {
    upload(stream);
    launches.enqueue(stream, launches.last());
    stream.download(
        staging.down(),
        0,
        plan.row().address(network.graph().output()),
        network.resultBytes(plan.row().row()));
  }

  /** Ends with a row: what is not kept is closed. */
  void finish() {
    if (!kept) {
      staging.close();
    }
  }

  /** Gives back all of its own; nothing of it is under way any more. */
  void drop() {
    if (graph != null) {
      graph.close();
    }
  }
}
