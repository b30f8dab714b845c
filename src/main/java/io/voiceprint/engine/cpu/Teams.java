package io.voiceprint.engine.cpu;

import java.util.concurrent.Semaphore;
import java.util.function.Function;

/**
 * Who computes which utterance. A lane has a team of its own; two lanes together have another one,
 * of both their threads, for long utterances: these take longest, so how long the slowest of many
 * callers waits is up to them. Which kind computes an utterance follows from its length alone, so
 * its bits do too.
 */
final class Teams implements AutoCloseable {
  /** Frames of the longest utterance that a lane computes alone where it can have a second: 6 s. */
  static final int SHORT_FRAMES = 600;

  private final int lanes;
  private final TeamPool ofOneLane;
  private final TeamPool ofTwoLanes;

  /**
   * One for each lane. Fair: whoever needs two gets them though others, who need one, keep coming.
   */
  private final Semaphore free;

  /**
   * @param threads of each lane
   */
  Teams(Planner planner, FilterBank filterBank, int lanes, int threads) {
    this.lanes = lanes;
    this.free = new Semaphore(lanes, true);
    this.ofOneLane = new TeamPool(planner, filterBank, lanes, threads);
    try {
      this.ofTwoLanes = new TeamPool(planner, filterBank, lanes / 2, 2 * threads);
    } catch (RuntimeException | Error e) {
      ofOneLane.close();
      throw e;
    }
  }

  int lanes() {
    return lanes;
  }

  /** How many utterances of any length are computed at the same time. */
  int longUtterances() {
    return Math.max(1, lanes / 2);
  }

  /**
   * Runs {@code work} on a team for an utterance of so many frames, waiting until one has nothing
   * else to do.
   *
   * @throws IllegalStateException if the engine is closed
   */
  <T> T call(int frames, Function<Session, T> work) {
    boolean two = frames > SHORT_FRAMES && lanes > 1;
    int taken = two ? 2 : 1;
    free.acquireUninterruptibly(taken);
    try {
      return (two ? ofTwoLanes : ofOneLane).call(work);
    } finally {
      free.release(taken);
    }
  }

  @Override
  public void close() {
    ofOneLane.close();
    ofTwoLanes.close();
  }
}
