package io.voiceprint.engine.cuda;

import io.voiceprint.cuda.CudaContext;
import io.voiceprint.cuda.CudaEvent;
import io.voiceprint.cuda.CudaStream;

/** Events before and after each step of a plan: where a row's time goes on the device. */
final class StepMarks implements AutoCloseable {
  private final CudaContext context;
  private final String name;
  private final CudaEvent[] begins;
  private final CudaEvent[] ends;

  /**
   * @param name of the lane, for messages
   * @param steps of the plan
   */
  StepMarks(CudaContext context, String name, int steps) {
    this.context = context;
    this.name = name;
    this.begins = new CudaEvent[steps];
    this.ends = new CudaEvent[steps];
  }

  void begin(int step, CudaStream stream) {
    begins[step] = mark(step, stream);
  }

  void end(int step, CudaStream stream) {
    ends[step] = mark(step, stream);
  }

  private CudaEvent mark(int step, CudaStream stream) {
    CudaEvent event = new CudaEvent(context, name + ", step " + step);
    event.record(stream);
    return event;
  }

  /** Nanoseconds of each step, 0 for those that launched nothing; the stream has come to rest. */
  long[] nanos() {
    long[] nanos = new long[begins.length];
    for (int step = 0; step < nanos.length; step++) {
      if (ends[step] != null) {
        nanos[step] = Math.round(ends[step].elapsedMs(begins[step]) * 1e6);
      }
    }
    return nanos;
  }

  @Override
  public void close() {
    for (CudaEvent[] events : new CudaEvent[][] {begins, ends}) {
      for (CudaEvent event : events) {
        if (event != null) {
          event.close();
        }
      }
    }
  }
}
