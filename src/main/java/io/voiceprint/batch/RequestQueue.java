package io.voiceprint.batch;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Requests in the order of their arrival, bounded in number and in samples. Whoever puts waits for
 * room; whoever takes gets as many as make a batch, without waiting for more to come.
 */
final class RequestQueue {
  private final BatchLimits limits;
  private final Counters counters;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition room = lock.newCondition();
  private final Condition work = lock.newCondition();
  private final Deque<Request> waiting = new ArrayDeque<>();
  private long waitingSamples;
  private boolean closed;

  RequestQueue(BatchLimits limits, Counters counters) {
    this.limits = limits;
    this.counters = counters;
  }

  /**
   * Puts requests together, so that one batch can take them, waiting where the queue is full. If it
   * fails, all of them are cancelled.
   *
   * @throws IllegalStateException if the queue is closed, or is closed while this waits
   * @throws InterruptedException if the thread is interrupted while this waits
   */
  void put(List<Request> requests) throws InterruptedException {
    boolean accepted = false;
    lock.lock();
    try {
      for (Request request : requests) {
        awaitRoom(request.audio().samples().length);
        waiting.add(request);
        waitingSamples += request.audio().samples().length;
        work.signal();
      }
      accepted = true;
    } finally {
      lock.unlock();
      if (!accepted) {
        requests.forEach(request -> request.embedding().cancel(false));
      }
    }
  }

  private void awaitRoom(int samples) throws InterruptedException {
    while (!closed
        && !waiting.isEmpty()
        && (waiting.size() >= limits.queueUtterances()
            || waitingSamples + samples > limits.queueSamples())) {
      room.await();
    }
    if (closed) {
      throw new IllegalStateException("closed: no more utterances are accepted");
    }
  }

  /**
   * Waits for a request, then takes it and those behind it that fit into its batch. Cancelled ones
   * are dropped.
   *
   * @return the batch; empty once the queue is closed and has run dry
   */
  List<Request> take() {
    lock.lock();
    try {
      while (true) {
        List<Request> batch = poll();
        if (!batch.isEmpty() || closed) {
          return batch;
        }
        work.awaitUninterruptibly();
      }
    } finally {
      lock.unlock();
    }
  }

  private List<Request> poll() {
    List<Request> batch = new ArrayList<>();
    long samples = 0;
    while (!waiting.isEmpty() && batch.size() < limits.batchUtterances()) {
      Request next = waiting.peek();
      if (next.isCancelled()) {
        counters.cancelled();
      } else if (batch.isEmpty() || samples + next.length() <= limits.batchSamples()) {
        batch.add(next);
        samples += next.length();
      } else {
        break;
      }
      waiting.remove();
      waitingSamples -= next.audio().samples().length;
      room.signalAll();
    }
    return batch;
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
      work.signalAll();
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
      cancelled = List.copyOf(waiting);
    } finally {
      lock.unlock();
    }
    cancelled.forEach(request -> request.embedding().cancel(false));
  }
}
