package io.voiceprint.batch;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Where those who submit and the lanes that compute meet: bounded in utterances and in memory. A
 * submitter waits for room, in turn, or is refused at once; when a lane gets a row, {@link
 * Dispatch} says.
 */
final class RequestQueue {
  private final BatchLimits limits;
  private final Counters counters;
  private final DrainRate drainRate;
  private final TimeSource time;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition room = lock.newCondition();
  private final Deque<Object> turns = new ArrayDeque<>();
  private final Roster roster = new Roster(lock);
  private final WaitingRequests waiting;
  private final Dispatch dispatch;
  private boolean closed;

  RequestQueue(BatchLimits limits, Counters counters, DrainRate drainRate, TimeSource time) {
    this.limits = limits;
    this.counters = counters;
    this.drainRate = drainRate;
    this.time = time;
    this.waiting = new WaitingRequests(limits.ageingNanos());
    this.dispatch = new Dispatch(limits, time, waiting, roster, this::delayIsOver);
  }

  /** A place for one more lane, before any lane takes. */
  Seat seat(int engine, RowLimit limit) {
    lock.lock();
    try {
      return roster.add(engine, limit);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Puts requests together, so that one batch can take them, waiting where the queue is full. Those
   * who wait are served in turn. If it fails, all of them are cancelled.
   *
   * @throws IllegalStateException if the queue is closed, or is closed while this waits
   * @throws InterruptedException if the thread is interrupted while this waits
   */
  void put(List<Request> requests) throws InterruptedException {
    boolean accepted = false;
    Object turn = new Object();
    lock.lock();
    try {
      turns.add(turn);
      for (Request request : requests) {
        awaitRoom(turn, request.heldBytes());
        waiting.add(request, time.nanos());
      }
      accepted = true;
    } finally {
      turns.remove(turn);
      room.signalAll();
      dispatch.callNext();
      lock.unlock();
      if (!accepted) {
        requests.forEach(request -> request.embedding().cancel(false));
      }
    }
  }

  private void awaitRoom(Object turn, long bytes) throws InterruptedException {
    while (!closed && (turns.peek() != turn || !hasRoom(1, bytes))) {
      dispatch.callNext();
      room.await();
    }
    requireOpen();
  }

  private boolean hasRoom(int utterances, long bytes) {
    return waiting.isEmpty()
        || (waiting.size() + utterances <= limits.queueUtterances()
            && waiting.bytes() + bytes <= limits.queueBytes());
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("closed: no more utterances are accepted");
    }
  }

  /**
   * Puts all of the requests, or none. Whoever waits for room goes first.
   *
   * @throws QueueFullException if there is no room for all
   * @throws IllegalStateException if the queue is closed
   */
  void offer(List<Request> requests) {
    long bytes = requests.stream().mapToLong(Request::heldBytes).sum();
    lock.lock();
    try {
      requireRoom(requests.size(), bytes);
      long now = time.nanos();
      requests.forEach(request -> waiting.add(request, now));
      dispatch.callNext();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Refuses what would not be accepted now.
   *
   * @throws QueueFullException if there is no room
   * @throws IllegalStateException if the queue is closed
   */
  void requireRoom(int utterances, long bytes) {
    lock.lock();
    try {
      requireOpen();
      if (!turns.isEmpty() || !hasRoom(utterances, bytes)) {
        counters.rejected(utterances);
        throw new QueueFullException(fullness(utterances), drainRate.nanosFor(waiting.columns()));
      }
    } finally {
      lock.unlock();
    }
  }

  /** Which bound so many more utterances would break. */
  private String fullness(int utterances) {
    return waiting.size() + utterances > limits.queueUtterances()
        ? "%d utterances wait, %d may".formatted(waiting.size(), limits.queueUtterances())
        : "the samples of %d utterances wait and take %d bytes, %d may"
            .formatted(waiting.size(), waiting.bytes(), limits.queueBytes());
  }

  /**
   * Waits until there is a row for a lane, then takes it. The lane counts as computing until it
   * comes here again.
   *
   * @return the row; empty once the queue is closed and has run dry
   */
  List<Request> take(Seat seat) {
    lock.lock();
    try {
      seat.rest();
      while (true) {
        if (dispatch.isRipe(seat)) {
          List<Request> row = waiting.cut(seat.limit());
          seat.compute();
          room.signalAll();
          dispatch.callNext();
          return row;
        }
        if (closed) {
          roster.leave(seat);
          return List.of();
        }
        dispatch.wakeInTime();
        seat.awaitCall();
      }
    } finally {
      lock.unlock();
    }
  }

  private void delayIsOver() {
    lock.lock();
    try {
      dispatch.delayIsOver();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Gives a row back that a lane cannot compute because its engine is broken, and dismisses the
   * lane. What is given back may exceed the bounds of the queue.
   *
   * @return {@code false}, and nothing is done, if no other engine would compute it
   */
  boolean retire(Seat seat, List<Request> row) {
    lock.lock();
    try {
      if (!roster.retire(seat)) {
        return false;
      }
      row.forEach(waiting::putBack);
      dispatch.callNext();
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** Takes a request out, whose embedding nobody waits for; {@code false} if it does not wait. */
  boolean remove(Request request) {
    lock.lock();
    try {
      boolean removed = waiting.remove(request);
      if (removed) {
        room.signalAll();
      }
      return removed;
    } finally {
      lock.unlock();
    }
  }

  int size() {
    lock.lock();
    try {
      return waiting.size();
    } finally {
      lock.unlock();
    }
  }

  boolean isClosed() {
    lock.lock();
    try {
      return closed;
    } finally {
      lock.unlock();
    }
  }

  /** Refuses new requests; those that wait are still taken. */
  void close() {
    lock.lock();
    try {
      closed = true;
      dispatch.drain();
      room.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Cancels the requests that wait. */
  void cancelWaiting() {
    List<Request> cancelled;
    lock.lock();
    try {
      cancelled = waiting.all();
    } finally {
      lock.unlock();
    }
    cancelled.forEach(request -> request.embedding().cancel(false));
  }
}
