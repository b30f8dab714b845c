package io.voiceprint.engine.cpu;

import java.util.function.Function;

/**
 * Threads that compute one utterance together, apart from other teams of the engine: one that makes
 * all calls into oneDNN, those that OpenMP gives it, and those of what is computed in Java.
 */
final class Team implements AutoCloseable {
  private final OwnerThread owner = new OwnerThread();
  private final Workers workers;
  private final Session session;

  /**
   * @param threads at least 1
   */
  Team(Planner planner, FilterBank filterBank, int threads) {
    this.workers = new Workers(threads);
    try {
      this.session = owner.call(() -> new Session(planner, filterBank, threads, workers));
    } catch (RuntimeException | Error e) {
      owner.end();
      workers.close();
      throw e;
    }
  }

  /**
   * Runs {@code work} on the team's own thread and waits for it.
   *
   * @throws IllegalStateException if the team is closed
   */
  <T> T call(Function<Session, T> work) {
    return owner.call(() -> work.apply(session));
  }

  /** Frees what it has, behind the work that was given to it. Closing twice is harmless. */
  @Override
  public void close() {
    if (!owner.hasEnded()) {
      owner.call(
          () -> {
            session.close();
            return null;
          });
      owner.end();
      workers.close();
    }
  }
}
