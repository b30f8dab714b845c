package io.voiceprint.engine.cuda;

import io.voiceprint.cuda.CudaException;
import io.voiceprint.cuda.CudaGraph;
import io.voiceprint.cuda.CudaStream;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * How a lane runs rows of one size: their plan, the staging that it reads and writes, and its graph
 * once the recorder has captured it. Everything is for the lane's thread save what says otherwise.
 */
final class RowProgram {
  /** Copies beside the launches of a plan: up and down. */
  private static final int COPIES = 2;

  private final Network network;
  private final Plan plan;
  private final Staging staging;
  private final boolean kept;
  private boolean ran;
  private CompletableFuture<Void> capture;
  private volatile CudaGraph graph;
  private boolean dropped; // guarded by this

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

  /** Queues the row, from upload to download: its graph, or as long as there is none its plan. */
  void start(CudaStream stream) {
    CudaGraph ready = graph;
    if (ready == null) {
      enqueue(stream);
      ran = true;
    } else {
      ready.launch(stream);
    }
  }

  /** Queues the row as {@link #start}, launch by launch whether or not there is a graph. */
  void enqueue(CudaStream stream) {
    enqueue(stream, plan);
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

  /** Device memory in bytes that its graph takes, or will take. */
  long graphBytes() {
    CudaGraph ready = graph;
    return CudaGraph.deviceBytes(ready == null ? plan.launches() + COPIES : ready.nodeCount());
  }

  /** Ends with a row that has run: asks once for the graph, and closes what is not kept. */
  void finish(GraphRecorder recorder, LaneLibraries recording, String lane) {
    if (!kept) {
      closeOwn();
    } else if (ran && capture == null) {
      capture = recorder.record(this, recording, lane);
    }
  }

  /** Lets the next row ask again for a graph whose capture failed. */
  void forgiveFailure() {
    if (capture != null && capture.isCompletedExceptionally()) {
      capture = null;
    }
  }

  /**
   * Waits for the graph that was asked for, if one was.
   *
   * @throws CudaException if the capture failed
   */
  void awaitGraph() {
    if (capture == null) {
      return;
    }
    try {
      capture.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof CudaException failure) {
        throw failure.at("capturing rows of " + plan.row().row());
      }
      throw e;
    }
  }

  /**
   * Captures the row on another stream than the lane's, by a plan of its own. For the recorder's
   * thread.
   */
  CudaGraph capture(CudaStream stream, LaneLibraries libraries, String name) {
    RowPlan row = plan.row();
    try (RowLibraries own = new RowLibraries(libraries)) {
      Plan recorded =
          new Plan(
              network,
              new RowPlan(row.row(), row.memory(), row.base(), row.storage(), row.mode(), own));
      own.prepare();
      return CudaGraph.capture(stream, name, () -> enqueue(stream, recorded));
    }
  }

  /** Takes over the graph. For the recorder's thread. */
  synchronized void give(CudaGraph captured) {
    if (dropped) {
      captured.close();
    } else {
      graph = captured;
    }
  }

  /** Whether a graph would come too late. For any thread. */
  synchronized boolean isDropped() {
    return dropped;
  }

  /** Gives back all of its own, or will once it is there; nothing of it is under way any more. */
  synchronized void drop() {
    dropped = true;
    closeOwn();
    if (graph != null) {
      graph.close();
    }
  }

  private void closeOwn() {
    plan.row().libraries().close();
    if (!kept) {
      staging.close();
    }
  }
}
