package io.voiceprint.engine.cuda;

import io.voiceprint.cuda.CudaContext;
import io.voiceprint.cuda.CudaException;
import io.voiceprint.cuda.CudaGraph;
import io.voiceprint.cuda.CudaStream;
import java.lang.System.Logger.Level;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Captures rows as CUDA graphs on a thread of its own, so that no request waits for it: until a
 * graph is ready its lane goes on launch by launch, and does so for good if the capture fails.
 *
 * <p>A lane may run meanwhile, since a capture executes nothing and shares nothing that changes:
 *
 * <ul>
 *   <li>What it writes down are addresses: those of the lane's arena and staging, which stay where
 *       they are while the engine is open. What they hold is read when the graph runs.
 *   <li>Its launches and their arguments are those of a plan that is made for it alone, and so are
 *       the libraries' handles, which are bound to the stream of the recorder. Scratch memory is in
 *       the lane's arena, where the graph will run, one row after the other.
 *   <li>It restricts only the thread that captures ({@link CudaGraph#capture}): the lanes may
 *       allocate, map and wait for their own streams.
 *   <li>A row of that size has run before, so the driver has loaded all of its kernels, which it
 *       could not do during a capture. What a library puts off to the first use of a handle is done
 *       before the capture ({@link RowLibraries#prepare}).
 * </ul>
 */
final class GraphRecorder implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(GraphRecorder.class.getName());

  /** How long the thread outlives its last capture; an engine soon knows all sizes. */
  private static final int IDLE_SECONDS = 5;

  private final EngineState state;
  private final CudaStream stream;
  private final ThreadPoolExecutor thread;
  private volatile boolean closed;
  private boolean reported; // read and written by the thread alone

  GraphRecorder(CudaContext context, EngineState state) {
    this.state = state;
    this.stream = new CudaStream(context, "graph capture");
    this.thread =
        new ThreadPoolExecutor(
            1,
            1,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            task -> {
              Thread named = new Thread(task, "voiceprint-cuda-capture");
              named.setDaemon(true);
              return named;
            });
    thread.allowCoreThreadTimeOut(true);
  }

  /** The stream that is captured. */
  CudaStream stream() {
    return stream;
  }

  /**
   * Makes the graph of a program and hands it over, soon.
   *
   * @param libraries of the program's lane, on {@link #stream()}; used by this thread alone
   * @param lane its name, for messages
   * @return done when the program has its graph; fails with what the capture failed with
   */
  CompletableFuture<Void> record(RowProgram program, LaneLibraries libraries, String lane) {
    String name = lane + ", " + program.plan().row().row();
    return CompletableFuture.runAsync(
        () -> {
          try {
            capture(program, libraries, name);
          } catch (RuntimeException | Error e) {
            report(name, e);
            throw e;
          }
        },
        thread);
  }

  private void capture(RowProgram program, LaneLibraries libraries, String name) {
    if (closed || program.isDropped()) {
      return;
    }
    CudaGraph graph = program.capture(stream, libraries, name);
    try {
      graph.upload(stream);
      stream.synchronize();
    } catch (RuntimeException e) {
      close(graph, e);
      throw e;
    }
    program.give(graph);
  }

  private static void close(CudaGraph graph, RuntimeException failure) {
    try {
      graph.close();
    } catch (CudaException e) {
      failure.addSuppressed(e);
    }
  }

  /**
   * Warns once: what fails for one row mostly fails for all. A lost device is the caller's news.
   */
  private void report(String name, Throwable failure) {
    if (failure instanceof RuntimeException e) {
      state.breakDownIfLost(e);
    }
    if (state.isUsable()) {
      LOG.log(
          reported ? Level.DEBUG : Level.WARNING,
          "rows like those of {0} run without a CUDA graph, which takes longer: {1}",
          name,
          failure);
      reported = true;
    }
  }

  /** Waits until all that was asked for so far is captured or has failed. */
  void awaitIdle() {
    CompletableFuture.runAsync(() -> {}, thread).join();
  }

  /** Forgets what has not begun and waits for what has. */
  @Override
  public void close() {
    if (!closed) {
      closed = true;
      awaitIdle();
      thread.shutdown();
    }
  }
}
