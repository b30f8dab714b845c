package io.voiceprint.engine.cuda;

import io.voiceprint.cuda.CudaContext;
import io.voiceprint.engine.EngineException;

/** Whether an engine may still be used: it is not closed, and its device was not lost. */
final class EngineState {
  private final CudaContext context;
  private volatile boolean closed;
  private volatile Throwable broken;

  EngineState(CudaContext context) {
    this.context = context;
  }

  /**
   * @throws IllegalStateException if the engine is closed
   * @throws EngineException if its device was lost
   */
  void requireUsable() {
    if (closed) {
      throw new IllegalStateException("the CUDA engine is closed");
    }
    Throwable cause = broken;
    if (cause != null) {
      throw new EngineException(
          "the CUDA engine was lost when the device failed (%s); close it and open a new one"
              .formatted(cause.getMessage()),
          cause);
    }
  }

  boolean isUsable() {
    return !closed && broken == null;
  }

  boolean isBroken() {
    return broken != null;
  }

  void close() {
    closed = true;
  }

  /** Remembers a failure after which nothing can be computed any more. */
  void breakDown(Throwable failure) {
    if (broken == null) {
      broken = failure;
    }
  }

  /** As {@link #breakDown}, if the failure took the context with it. */
  void breakDownIfLost(Throwable failure) {
    if (context.isLost()) {
      breakDown(failure);
    }
  }
}
