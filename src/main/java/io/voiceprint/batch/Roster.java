package io.voiceprint.batch;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Lock;

/** The lanes of all engines: which compute and which wait. Guarded by the lock of the queue. */
final class Roster {
  private final Lock lock;
  private final List<Seat> seats = new ArrayList<>();

  /**
   * @param lock of the queue
   */
  Roster(Lock lock) {
    this.lock = lock;
  }

  /** A seat for one more lane of an engine. */
  Seat add(int engine, RowLimit limit) {
    Seat seat = new Seat(engine, limit, lock.newCondition());
    seats.add(seat);
    return seat;
  }

  /** Lanes of an engine that compute. */
  int computing(int engine) {
    int computing = 0;
    for (Seat seat : seats) {
      if (seat.engine() == engine && seat.isComputing()) {
        computing++;
      }
    }
    return computing;
  }

  /** The waiting lane whose engine has least to do; {@code null} if none waits. */
  Seat leastLoaded() {
    Seat least = null;
    int leastComputing = 0;
    for (Seat seat : seats) {
      if (seat.isWaiting()) {
        int computing = computing(seat.engine());
        if (least == null || computing < leastComputing) {
          least = seat;
          leastComputing = computing;
        }
      }
    }
    return least;
  }

  /** Takes a lane off, unless only lanes of its own engine are left; says whether it did. */
  boolean retire(Seat seat) {
    boolean others = seats.stream().anyMatch(other -> other.engine() != seat.engine());
    return others && seats.remove(seat);
  }

  /** A lane that has nothing more to do. */
  void leave(Seat seat) {
    seats.remove(seat);
  }

  void callAll() {
    seats.forEach(Seat::call);
  }
}
