package io.voiceprint.engine.cpu;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.Function;

/** Teams of one size, so that it does not matter to a result which of them computes it. */
final class TeamPool implements AutoCloseable {
  private final List<Team> all;
  private final Deque<Team> idle; // guarded by itself

  /**
   * @param threads of each team
   */
  TeamPool(Planner planner, FilterBank filterBank, int teams, int threads) {
    Deque<Team> opened = new ArrayDeque<>();
    try {
      while (opened.size() < teams) {
        opened.add(new Team(planner, filterBank, threads));
      }
    } catch (RuntimeException | Error e) {
      opened.forEach(Team::close);
      throw e;
    }
    this.all = List.copyOf(opened);
    this.idle = opened;
  }

  /**
   * Runs {@code work} on an idle team. There must be one: no more callers at a time than teams.
   *
   * @throws IllegalStateException if the pool is closed
   */
  <T> T call(Function<Session, T> work) {
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
    }
  }

  @Override
  public void close() {
    all.forEach(Team::close);
  }
}
