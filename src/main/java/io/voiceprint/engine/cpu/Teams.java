package io.voiceprint.engine.cpu;

import io.voiceprint.frontend.Features;
import io.voiceprint.graph.Graph;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.function.Function;

/**
 * Who computes which utterance. A lane has a team of its own; two lanes together have another one,
 * of both their threads, for long utterances: these take longest, so how long the slowest of many
 * callers wait is up to them. While others wait, a long one has to do with one lane too, since two
 * teams of one bear more load than one of two; but only where both give the same bits.
 */
final class Teams implements AutoCloseable {
  /**
   * Frames of the longest utterance that never takes two lanes: 5 s. A clip of 10 s then takes no
   * longer on two than such a one takes on one, so that the usual lengths, up to 10 s, lie close
   * together.
   */
  static final int SHORT_FRAMES = 500;

  /**
   * Frames of the longest utterance for which one lane is tried against two: 30 s. Longer ones are
   * rare, and to try one takes longer than it saves; they always take two lanes.
   */
  static final int TRIED_FRAMES = 3000;

  private final Graph graph;
  private final int lanes;
  private final TeamPool ofOneLane;
  private final TeamPool ofTwoLanes;

  /** One for each lane. Fair: whoever needs two gets them though others need but one. */
  private final Semaphore free;

  /** By the length of a plan, whether one lane gives the bits of two. */
  private final Map<Integer, Boolean> alike = new ConcurrentHashMap<>();

  /**
   * @param threads of each lane
   */
  Teams(Planner planner, FilterBank filterBank, int lanes, int threads) {
    this.graph = planner.graph();
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

  /** All that may have memory for the longest utterance. */
  int count() {
    return lanes + lanes / 2;
  }

  /**
   * Runs {@code work} on a team for an utterance of so many frames, waiting until one has nothing
   * else to do.
   *
   * @param othersWait whether more utterances wait for a lane
   * @throws IllegalStateException if the engine is closed
   */
  <T> T call(int frames, boolean othersWait, Function<Session, T> work) {
    boolean two = lanes > 1 && frames > SHORT_FRAMES && !(othersWait && mayHaveOne(frames));
    int taken = two ? 2 : 1;
    free.acquireUninterruptibly(taken);
    try {
      return (two ? ofTwoLanes : ofOneLane).call(work);
    } finally {
      free.release(taken);
    }
  }

  private boolean mayHaveOne(int frames) {
    return frames <= TRIED_FRAMES && isAlike(frames);
  }

  /**
   * Whether an utterance of that length gets the same bits from one lane as from two. oneDNN may
   * choose its kernels by the number of threads, so it is tried on noise, once for each plan: where
   * a sum has another order, hardly any of its bits stay.
   */
  boolean isAlike(int frames) {
    int length = Session.bucket(frames);
    Boolean known = alike.get(length);
    if (known == null) {
      known = tryBoth(noise(length));
      alike.put(length, known);
    }
    return known;
  }

  private boolean tryBoth(Features noise) {
    free.acquireUninterruptibly(2);
    try {
      float[] byOne = ofOneLane.call(session -> session.embed(noise));
      float[] byTwo = ofTwoLanes.call(session -> session.embed(noise));
      return Arrays.equals(byOne, byTwo);
    } finally {
      free.release(2);
    }
  }

  private Features noise(int frames) {
    Random random = new Random(frames);
    float[] data = new float[frames * graph.melBins()];
    for (int i = 0; i < data.length; i++) {
      data[i] = (float) random.nextGaussian();
    }
    return new Features(frames, graph.melBins(), data);
  }

  @Override
  public void close() {
    ofOneLane.close();
    ofTwoLanes.close();
  }
}
