package io.voiceprint.bench;

import java.util.concurrent.locks.LockSupport;

/** The clock that calls are timed and scheduled by; a test brings its own. */
interface Timeline {
  /** The system's clock. */
  Timeline SYSTEM =
      new Timeline() {
        @Override
        public long nanos() {
          return System.nanoTime();
        }

        @Override
        public void await(long nanos) {
          // The system wakes a thread up some 50 µs late: the last stretch is waited for awake.
          for (long left = nanos - nanos(); left > 0; left = nanos - nanos()) {
            if (left > SPIN_NANOS) {
              LockSupport.parkNanos(left - SPIN_NANOS);
            } else {
              Thread.onSpinWait();
            }
          }
        }
      };

  /** How long before a moment a waiting thread wakes up. */
  long SPIN_NANOS = 200_000;

  /** Now. */
  long nanos();

  /** Returns at a moment, or at once if it has passed. */
  void await(long nanos);
}
