package io.voiceprint.engine.cuda;

import io.voiceprint.cuda.CudaContext;
import io.voiceprint.cuda.CudaEvent;
import io.voiceprint.cuda.CudaStream;
import java.util.List;

/** Times launches on a stream with events on the device. */
record LaunchTimer(CudaContext context, CudaStream stream) {
  private static final int WARM_UPS = 2;
  private static final int REPETITIONS = 10;

  /** Queues the launches once, untimed. */
  void run(List<Launch> launches) {
    launches.forEach(launch -> launch.enqueue(stream));
  }

  /** Mean time of the launches in microseconds. */
  double micros(List<Launch> launches) {
    for (int i = 0; i < WARM_UPS; i++) {
      run(launches);
    }
    try (CudaEvent start = new CudaEvent(context, "start");
        CudaEvent end = new CudaEvent(context, "end")) {
      start.record(stream);
      for (int i = 0; i < REPETITIONS; i++) {
        run(launches);
      }
      end.record(stream);
      end.synchronize();
      return 1e3 * end.elapsedMs(start) / REPETITIONS;
    }
  }
}
