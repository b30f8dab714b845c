package io.voiceprint.engine.cuda;

import java.util.List;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;

/** Lends lanes: the one given back last first, since its graphs and memory are warm. */
final class LanePool {
  private final ConcurrentLinkedDeque<Lane> idle;
  private final Semaphore permits;
  private final int size;

  LanePool(List<Lane> lanes) {
    idle = new ConcurrentLinkedDeque<>(lanes);
    permits = new Semaphore(lanes.size(), true);
    size = lanes.size();
  }

  /** A lane; waits until one is free. */
  Lane take() {
    permits.acquireUninterruptibly();
    return idle.pollFirst();
  }

  /** A lane if one is free, else {@code null}. */
  Lane poll() {
    return permits.tryAcquire() ? idle.pollFirst() : null;
  }

  void giveBack(Lane lane) {
    idle.offerFirst(lane);
    permits.release();
  }

  /** Waits until every lane is free and runs {@code action} meanwhile; then lends again. */
  void whileIdle(Runnable action) {
    permits.acquireUninterruptibly(size);
    try {
      action.run();
    } finally {
      permits.release(size);
    }
  }

  /** Waits until every lane is free and lends them all to {@code action}, one after the other. */
  void forEach(Consumer<Lane> action) {
    whileIdle(() -> idle.forEach(action));
  }

  int size() {
    return size;
  }
}
