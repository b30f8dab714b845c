package io.voiceprint.batch;

/**
 * When a row is cut, and which lane is woken for it. A lane takes a row
 *
 * <ul>
 *   <li>at once, if no other lane of its engine computes: an idle engine never waits;
 *   <li>otherwise when what waits fills the row, or when the oldest of it has waited the longest
 *       delay allowed, which is 0 unless asked for.
 * </ul>
 *
 * <p>Guarded by the lock of the queue.
 */
final class Dispatch {
  private final BatchLimits limits;
  private final TimeSource time;
  private final WaitingRequests waiting;
  private final Roster roster;
  private final Runnable onDelayOver;
  private boolean delayAlarmSet;
  private boolean draining;

  /**
   * @param onDelayOver runs on a thread of {@code time} and must call {@link #delayIsOver} under
   *     the lock
   */
  Dispatch(
      BatchLimits limits,
      TimeSource time,
      WaitingRequests waiting,
      Roster roster,
      Runnable onDelayOver) {
    this.limits = limits;
    this.time = time;
    this.waiting = waiting;
    this.roster = roster;
    this.onDelayOver = onDelayOver;
  }

  /** Whether a lane that has nothing to do should take a row now. */
  boolean isRipe(Seat seat) {
    return !waiting.isEmpty()
        && (draining
            || roster.computing(seat.engine()) == 0
            || waiting.columns() >= seat.limit().columns()
            || waiting.size() >= Math.min(seat.limit().utterances(), limits.queueUtterances())
            || time.nanos() - waiting.oldestArrival() >= limits.maxDelayNanos());
  }

  /** Wakes the lane that should take a row now, or sees to it that one is woken in time. */
  void callNext() {
    Seat seat = roster.leastLoaded();
    if (seat == null) {
      return;
    }
    if (isRipe(seat)) {
      seat.call();
    } else {
      wakeInTime();
    }
  }

  /** Whoever waits without having been called needs this. */
  void wakeInTime() {
    if (!delayAlarmSet && !waiting.isEmpty()) {
      delayAlarmSet = true;
      var unused = time.at(waiting.oldestArrival() + limits.maxDelayNanos(), onDelayOver);
    }
  }

  void delayIsOver() {
    delayAlarmSet = false;
    callNext();
  }

  /** From now on every row is ripe; all lanes look. */
  void drain() {
    draining = true;
    roster.callAll();
  }
}
