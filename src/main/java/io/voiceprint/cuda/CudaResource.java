package io.voiceprint.cuda;

import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Something the driver handed out and one owner gives back. It belongs to a context, which closes
 * what is still open when it is closed itself.
 */
public abstract class CudaResource implements AutoCloseable {
  final CudaContext context;
  private final String name;
  private final AtomicBoolean closed = new AtomicBoolean();
  private final Throwable origin;

  /** A constructor calls {@link #opened()} once the native side exists. */
  CudaResource(CudaContext context, String name) {
    this.context = context;
    this.name = name;
    this.origin = CudaDebug.ORIGINS ? new Throwable(name + " was opened here") : null;
    context.bind();
  }

  /** Hands this to its context; closes it at once if the context was closed meanwhile. */
  final void opened() {
    if (!context.adopt(this)) {
      close();
      context.bind();
    }
  }

  /** As {@link #opened()}, and closes this if what is left to set up fails. */
  final void opened(Runnable setUp) {
    opened();
    try {
      setUp.run();
    } catch (RuntimeException e) {
      try {
        close();
      } catch (CudaException second) {
        e.addSuppressed(second);
      }
      throw e;
    }
  }

  /** What this is, for messages, such as {@code "arena 'lane 0'"}. */
  public final String name() {
    return name;
  }

  public final boolean isClosed() {
    return closed.get();
  }

  /** Gives the native side back; the context is current and this is called once. */
  abstract void release();

  /**
   * Gives back what the driver handed out. Closing twice is harmless.
   *
   * @throws CudaException if the driver refuses, save after the context was lost, which was
   *     reported when it happened and took everything with it
   */
  @Override
  public final void close() {
    if (closed.get()) {
      return;
    }
    // First, since what cannot be given back now must stay with the context, which tries again.
    context.bindToRelease();
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    context.disown(this);
    try {
      release();
    } catch (CudaException e) {
      if (!context.isLost()) {
        throw e;
      }
    }
  }

  /** Makes the context current on this thread, after checking that neither was closed. */
  final void use() {
    if (closed.get()) {
      throw new IllegalStateException(name + " was used after close()", origin);
    }
    context.bind();
  }

  final Throwable origin() {
    return origin;
  }

  @Override
  public String toString() {
    return closed.get() ? name + " (closed)" : name;
  }
}
