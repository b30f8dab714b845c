package io.voiceprint.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Closed and open loops on a clock of their own. */
class LoopTest {
  private static final long MS = 1_000_000;

  /** Three digits are kept. */
  private static final double DIGITS = 2e-3;

  private final VirtualTimeline timeline = new VirtualTimeline();

  private Call taking(long nanos) {
    return number -> {
      timeline.pass(nanos);
      return () -> {};
    };
  }

  @Test
  void aClosedLoopCallsUntilTimeIsUp() {
    Timing timing = ClosedLoop.measure(taking(7 * MS), 1, 100 * MS, timeline);
    assertEquals(15, timing.latencies().calls()); // The 15th begins at 98 ms.
    assertEquals(15 * 7 * MS, timing.elapsedNanos());
    assertEquals(7, timing.latencies().percentiles().p50(), 7 * DIGITS);
  }

  @Test
  void aClosedLoopMakesAFewCallsHoweverLongTheyTake() {
    Timing timing = ClosedLoop.measure(taking(7 * MS), 1, 1, timeline);
    assertEquals(ClosedLoop.MIN_CALLS, timing.latencies().calls());
  }

  @Test
  void theCheckOfAResultIsNotTimed() {
    Call call =
        number -> {
          timeline.pass(2 * MS);
          return () -> timeline.pass(50 * MS);
        };
    Percentiles latency = ClosedLoop.measure(call, 1, 200 * MS, timeline).latencies().percentiles();
    assertEquals(2, latency.max(), 2 * DIGITS);
  }

  @Test
  void callsOfSeveralCallersAreCountedTogetherAndOverlap() throws Exception {
    AtomicInteger running = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    CyclicBarrier together = new CyclicBarrier(3);
    Call call =
        number -> {
          most.accumulateAndGet(running.incrementAndGet(), Math::max);
          try {
            together.await();
          } catch (Exception e) {
            throw new IllegalStateException(e);
          }
          running.decrementAndGet();
          return () -> {};
        };
    Timing timing = ClosedLoop.measure(call, 3, 1, Timeline.SYSTEM);
    assertEquals(3, most.get());
    assertEquals(3, timing.latencies().calls());
  }

  @Test
  void whatACallThrowsEndsTheMeasurement() {
    Call call =
        number ->
            () -> {
              throw new WrongResultException("wrong");
            };
    assertThrows(WrongResultException.class, () -> ClosedLoop.measure(call, 1, 1, timeline));
    assertThrows(WrongResultException.class, () -> ClosedLoop.measure(call, 2, 1, timeline));
  }

  /**
   * Calls every 10 ms take 1 ms each, but the eleventh stalls for 200 ms. Counted from when they
   * were made, one call in a hundred was slow; counted from when they were due, twenty.
   */
  @Test
  void aStallCountsForTheCallsThatItHeldUp() {
    Call call =
        number -> {
          timeline.pass(number == 10 ? 200 * MS : MS);
          return () -> {};
        };
    long[] due = Arrivals.FIXED.schedule(100, 1000 * MS);
    assertEquals(100, due.length);
    Timing timing = OpenLoop.measure(call, 1, due, 1000 * MS, timeline);
    assertEquals(0, timing.unsent());
    assertEquals(100, timing.latencies().calls());
    Percentiles sent = timing.uncorrected().percentiles();
    assertEquals(1, sent.p90(), DIGITS);
    assertEquals(1, sent.p99(), DIGITS);
    assertEquals(200, sent.max(), 200 * DIGITS);
    Percentiles counted = timing.latencies().percentiles();
    assertEquals(1, counted.p50(), DIGITS);
    // The calls after the stall wait 191, 182, 173 ... ms: 9 ms of the backlog go with each call.
    assertEquals(191, counted.p99(), 191 * DIGITS);
    assertEquals(110, counted.p90(), 110 * DIGITS);
  }

  @Test
  void callsComeWhenTheyAreDueAndNotBefore() {
    long begin = timeline.nanos();
    long[] due = {0, 30 * MS, 31 * MS};
    long[] made = new long[3];
    Call call =
        number -> {
          made[(int) number] = timeline.nanos() - begin;
          timeline.pass(5 * MS);
          return () -> {};
        };
    Timing timing = OpenLoop.measure(call, 1, due, 40 * MS, timeline);
    assertEquals(0, made[0]);
    assertEquals(30 * MS, made[1]);
    assertEquals(35 * MS, made[2]); // Due at 31 ms, but the only caller was busy.
    assertEquals(9, timing.latencies().percentiles().max(), 9 * DIGITS);
    assertEquals(5, timing.uncorrected().percentiles().max(), 5 * DIGITS);
  }

  @Test
  void anOverloadIsGivenUpAndSaid() {
    long[] due = Arrivals.FIXED.schedule(1000, 100 * MS);
    Timing timing = OpenLoop.measure(taking(50 * MS), 1, due, 100 * MS, timeline);
    assertEquals(6, timing.latencies().calls()); // In three times 100 ms.
    assertEquals(94, timing.unsent());
    assertTrue(timing.latencies().percentiles().max() > 290);
  }
}
