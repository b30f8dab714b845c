package io.voiceprint.batch;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Time that passes when a test says so. Alarms ring on the thread that lets it pass. */
public final class ManualTime implements TimeSource {
  private final List<Ring> rings = new ArrayList<>();
  private long now;
  private boolean closed;

  private record Ring(long nanos, Runnable task) {}

  @Override
  public synchronized long nanos() {
    return now;
  }

  @Override
  public synchronized Alarm at(long nanos, Runnable task) {
    Ring ring = new Ring(nanos, task);
    rings.add(ring);
    return () -> {
      synchronized (this) {
        rings.remove(ring);
      }
    };
  }

  /** Lets time pass and rings what becomes due, in its order. */
  public void advance(long nanos) {
    advanceSilently(nanos);
    for (Ring ring = due(); ring != null; ring = due()) {
      ring.task().run();
    }
  }

  /** Lets time pass as if alarms were late. */
  synchronized void advanceSilently(long nanos) {
    now += nanos;
  }

  private synchronized Ring due() {
    Ring first =
        rings.stream()
            .filter(ring -> ring.nanos() <= now)
            .min(Comparator.comparingLong(Ring::nanos))
            .orElse(null);
    rings.remove(first);
    return first;
  }

  /** Alarms that are set. */
  synchronized int alarms() {
    return rings.size();
  }

  synchronized boolean isClosed() {
    return closed;
  }

  @Override
  public synchronized void close() {
    rings.clear();
    closed = true;
  }
}
