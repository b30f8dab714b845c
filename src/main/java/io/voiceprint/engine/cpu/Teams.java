package io.voiceprint.engine.cpu;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.function.Function;

/**
 * The teams of an engine, all of one size, so that it does not matter to a result which computes
 * it.
 */
final class Teams implements AutoCloseable {
  private final List<Team> all = new ArrayList<>();
  private final Deque<Team> idle = new ArrayDeque<>(); // guarded by itself
  private final Semaphore idleCount;

  Teams(Planner planner, FilterBank filterBank, int teams, int threadsOfEach) {
    try {
      for (int i = 0; i < teams; i++) {
        all.add(new Team(planner, filterBank, threadsOfEach));
      }
    } catch (RuntimeException | Error e) {
      close();
      throw e;
    }
    idle.addAll(all);
    idleCount = new Semaphore(teams);
  }

  int count() {
    return all.size();
  }

  /**
   * Runs {@code work} on a team that has nothing else to do, waiting for one if need be.
   *
   * @throws IllegalStateException if the engine is closed
   */
  <T> T call(Function<Session, T> work) {
    idleCount.acquireUninterruptibly();
    Team team;
    synchronized (idle) {
      team = idle.pop();
    }
    try {
      return team.call(work);
    } finally {
      // Last in, first out: under light load one team alone makes plans.
      synchronized (idle) {
        idle.push(team);
      }
      idleCount.release();
    }
  }

  @Override
  public void close() {
    all.forEach(Team::close);
  }
}
