package io.voiceprint.cuda;

import io.voiceprint.engine.EngineException;

/** A call into the CUDA driver or one of its libraries failed. */
public final class CudaException extends EngineException {
  private static final long serialVersionUID = 1L;

  /** What a failure means for whoever has to go on. */
  public enum Kind {
    /** No usable driver, device or library; nothing was started. */
    UNAVAILABLE,
    /** Device or pinned memory ran out; what exists stays valid. */
    OUT_OF_MEMORY,
    /** A launch was refused or failed; the context is still good. */
    LAUNCH_FAILURE,
    /** The context is gone with all its memory; close it and open a new one. */
    LOST_CONTEXT,
    /** Anything else: a wrong argument, an unsupported operation. */
    OTHER
  }

  private final Kind kind;
  private final String call;
  private final int status;

  CudaException(Kind kind, String call, int status, String message) {
    super(message);
    this.kind = kind;
    this.call = call;
    this.status = status;
  }

  private CudaException(Kind kind, CudaException cause, String message) {
    super(message, cause);
    this.kind = kind;
    this.call = cause.call;
    this.status = cause.status;
  }

  static CudaException unavailable(String message) {
    return new CudaException(Kind.UNAVAILABLE, "", 0, message);
  }

  public Kind kind() {
    return kind;
  }

  /** The function that failed, such as {@code cuMemAlloc}; empty if none was called. */
  public String call() {
    return call;
  }

  /** What it returned; 0 if none was called. */
  public int status() {
    return status;
  }

  /**
   * The same failure, told with where it happened.
   *
   * @param where the node and its shapes, such as {@code "layer1.0.conv1, input=(C=64, F=40,
   *     T=312)"}
   */
  public CudaException at(String where) {
    return new CudaException(kind, this, where + ": " + getMessage());
  }

  /** The same failure, once it is known to mean something else. */
  CudaException as(Kind other) {
    return new CudaException(other, this, getMessage() + ", and the context is lost");
  }
}
