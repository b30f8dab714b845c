package io.voiceprint.batch;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;

/**
 * Requests in the order in which they are served: first come, first served within a level; between
 * levels by the time of arrival, to which each level adds the ageing. So a request goes before all
 * that come more than (levels between them) x (ageing) after it, whatever their level, and none
 * starves. Guarded by the lock of the queue.
 */
final class WaitingRequests {
  private final long ageingNanos;
  private final List<TreeSet<Request>> levels = new ArrayList<>();
  private long arrivals;
  private int size;
  private long bytes;
  private long columns;

  WaitingRequests(long ageingNanos) {
    this.ageingNanos = ageingNanos;
    for (int level = 0; level < Terms.LEVELS; level++) {
      levels.add(new TreeSet<>(Comparator.comparingLong(Request::sequence)));
    }
  }

  void add(Request request, long now) {
    request.arrive(arrivals++, now);
    putBack(request);
  }

  /** Where it was before it was taken. */
  void putBack(Request request) {
    levels.get(request.terms().level()).add(request);
    size++;
    bytes += request.heldBytes();
    columns += request.columns();
  }

  /** {@code false} if it does not wait. */
  boolean remove(Request request) {
    boolean removed = levels.get(request.terms().level()).remove(request);
    if (removed) {
      size--;
      bytes -= request.heldBytes();
      columns -= request.columns();
    }
    return removed;
  }

  /** Takes the next request and those behind it that fit into a row with it. */
  List<Request> cut(RowLimit limit) {
    List<Request> row = new ArrayList<>();
    long taken = 0;
    for (Request next = next(); next != null; next = next()) {
      taken += next.columns();
      if (!row.isEmpty() && (row.size() >= limit.utterances() || taken > limit.columns())) {
        break;
      }
      remove(next);
      row.add(next);
    }
    return row;
  }

  private Request next() {
    Request next = null;
    long nextRank = 0;
    for (int level = 0; level < Terms.LEVELS; level++) {
      if (!levels.get(level).isEmpty()) {
        Request first = levels.get(level).first();
        long rank = first.arrival() + level * ageingNanos;
        if (next == null || rank - nextRank < 0) {
          next = first;
          nextRank = rank;
        }
      }
    }
    return next;
  }

  /** When the one came that has waited longest; something must wait. */
  long oldestArrival() {
    Request oldest = null;
    for (TreeSet<Request> level : levels) {
      if (!level.isEmpty() && (oldest == null || level.first().arrival() - oldest.arrival() < 0)) {
        oldest = level.first();
      }
    }
    return oldest.arrival();
  }

  boolean isEmpty() {
    return size == 0;
  }

  int size() {
    return size;
  }

  /** Memory that the samples of all of them take. */
  long bytes() {
    return bytes;
  }

  long columns() {
    return columns;
  }

  List<Request> all() {
    return levels.stream().flatMap(TreeSet::stream).toList();
  }
}
