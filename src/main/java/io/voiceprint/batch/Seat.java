package io.voiceprint.batch;

import java.util.concurrent.locks.Condition;

/** Where one lane waits for work. Guarded by the lock of the queue, save what is final. */
final class Seat {
  private final int engine;
  private final RowLimit limit;
  private final Condition call;
  private State state = State.AWAKE;

  private enum State {
    AWAKE,
    WAITING,
    COMPUTING
  }

  /**
   * @param engine number of the engine that the lane serves
   * @param limit how much the lane takes at a time
   * @param call by which the lane is woken
   */
  Seat(int engine, RowLimit limit, Condition call) {
    this.engine = engine;
    this.limit = limit;
    this.call = call;
  }

  int engine() {
    return engine;
  }

  RowLimit limit() {
    return limit;
  }

  boolean isWaiting() {
    return state == State.WAITING;
  }

  boolean isComputing() {
    return state == State.COMPUTING;
  }

  void compute() {
    state = State.COMPUTING;
  }

  void rest() {
    state = State.AWAKE;
  }

  /** Returns once {@link #call} was called. */
  void awaitCall() {
    state = State.WAITING;
    while (state == State.WAITING) {
      call.awaitUninterruptibly();
    }
  }

  /** Wakes the lane; from now on it does not count as waiting, so the next call wakes another. */
  void call() {
    if (state == State.WAITING) {
      state = State.AWAKE;
      call.signal();
    }
  }
}
