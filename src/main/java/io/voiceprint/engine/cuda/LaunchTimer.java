package io.voiceprint.engine.cuda;

import io.voiceprint.cuda.CudaContext;
import io.voiceprint.cuda.CudaEvent;
import io.voiceprint.cuda.CudaGraph;
import io.voiceprint.cuda.CudaStream;
import java.util.List;

/** Times launches on a stream with events on the device. */
record LaunchTimer(CudaContext context, CudaStream stream) {
  private static final int REPETITIONS = 10;

  /** Queues the launches once, untimed. */
  void run(List<Launch> launches) {
    launches.forEach(launch -> launch.enqueue(stream));
  }

  /**
   * Mean time of the launches in microseconds, as parts of a graph, which is how rows run: one by
   * one the device would often wait for the host, and all that is short would seem equally fast.
   */
  double micros(List<Launch> launches) {
    run(launches);
    try (CudaGraph graph = CudaGraph.capture(stream, "tuning", () -> repeat(launches));
        CudaEvent start = new CudaEvent(context, "start");
        CudaEvent end = new CudaEvent(context, "end")) {
      graph.launch(stream);
      start.record(stream);
      graph.launch(stream);
      end.record(stream);
      end.synchronize();
      return 1e3 * end.elapsedMs(start) / REPETITIONS;
    }
  }

  private void repeat(List<Launch> launches) {
    for (int i = 0; i < REPETITIONS; i++) {
      run(launches);
    }
  }
}
