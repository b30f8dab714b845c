package io.voiceprint.batch;

import static io.voiceprint.batch.ArithmeticEngine.audio;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.Test;

/** When a row is cut, without threads. */
class DispatchTest {
  private static final RowLimit ROW = new RowLimit(3, 100);
  private static final long DELAY = 50;

  private final ReentrantLock lock = new ReentrantLock();
  private final ManualTime time = new ManualTime();
  private final WaitingRequests waiting = new WaitingRequests(0);
  private final Roster roster = new Roster(lock);
  private final Seat first = roster.add(0, ROW);
  private final Seat second = roster.add(0, ROW);
  private int alarms;

  private Dispatch dispatch(long delay) {
    BatchLimits limits = new BatchLimits(3, 100, 10, 4_000, delay, 0);
    return new Dispatch(limits, time, waiting, roster, () -> alarms++);
  }

  private Request arrive(int columns) {
    Request request =
        new Request(audio(new float[columns]).get(0), columns, columns, columns, Terms.USUAL);
    waiting.add(request, time.nanos());
    return request;
  }

  @Test
  void anIdleEngineTakesOneUtteranceAtOnce() {
    Dispatch dispatch = dispatch(DELAY);
    assertFalse(dispatch.isRipe(first), "nothing waits");
    arrive(1);
    assertTrue(dispatch.isRipe(first));
    assertTrue(dispatch.isRipe(second));
  }

  @Test
  void aBusyEngineWaitsForCompanyUntilTheOldestHasWaitedLongEnough() {
    Dispatch dispatch = dispatch(DELAY);
    first.compute();
    arrive(1);
    time.advance(DELAY - 1);
    arrive(1);
    assertFalse(dispatch.isRipe(second));
    time.advance(1);
    assertTrue(dispatch.isRipe(second));
  }

  @Test
  void aBusyEngineTakesAFullRowAtOnce() {
    Dispatch dispatch = dispatch(DELAY);
    first.compute();
    Request large = arrive(99);
    assertFalse(dispatch.isRipe(second), "one column is left");
    Request small = arrive(1);
    assertTrue(dispatch.isRipe(second), "full in columns");
    waiting.remove(large);
    assertFalse(dispatch.isRipe(second));
    arrive(1);
    assertFalse(dispatch.isRipe(second));
    arrive(1);
    assertTrue(dispatch.isRipe(second), "full in utterances");
    waiting.remove(small);
    assertFalse(dispatch.isRipe(second));
    dispatch.drain();
    assertTrue(dispatch.isRipe(second), "nobody comes any more");
  }

  @Test
  void anEngineThatFallsIdleDoesNotWaitAnyLonger() {
    Dispatch dispatch = dispatch(DELAY);
    first.compute();
    arrive(1);
    assertFalse(dispatch.isRipe(second));
    first.rest();
    assertTrue(dispatch.isRipe(first));
  }

  @Test
  void anotherEnginesWorkKeepsNobodyWaiting() {
    Dispatch dispatch = dispatch(DELAY);
    Seat other = roster.add(1, ROW);
    first.compute();
    arrive(1);
    assertFalse(dispatch.isRipe(second));
    assertTrue(dispatch.isRipe(other));
  }

  @Test
  void withoutADelayNobodyWaits() {
    Dispatch dispatch = dispatch(0);
    first.compute();
    arrive(1);
    assertTrue(dispatch.isRipe(second));
  }

  @Test
  void oneAlarmIsSetForTheOldestAndSetAgainOnceItHasRung() {
    Dispatch dispatch = dispatch(DELAY);
    first.compute();
    dispatch.wakeInTime();
    assertEquals(0, time.alarms(), "nothing waits");
    arrive(1);
    dispatch.wakeInTime();
    dispatch.wakeInTime();
    assertEquals(1, time.alarms());
    time.advance(DELAY);
    assertEquals(1, alarms);
    dispatch.delayIsOver();
    dispatch.wakeInTime();
    assertEquals(1, time.alarms());
  }

  @Test
  void theLeastLoadedEngineIsCalledFirst() throws Exception {
    Seat third = roster.add(1, ROW);
    Seat fourth = roster.add(1, ROW);
    assertNull(roster.leastLoaded(), "nobody waits");
    List<Thread> lanes = new ArrayList<>();
    for (Seat seat : List.of(second, third, fourth)) {
      lanes.add(waitAt(seat));
    }
    lock.lock();
    try {
      first.compute();
      assertEquals(third, roster.leastLoaded());
      third.call();
      third.compute();
      assertEquals(second, roster.leastLoaded());
      second.call();
      second.compute();
      assertEquals(fourth, roster.leastLoaded());
      roster.callAll();
      assertNull(roster.leastLoaded());
    } finally {
      lock.unlock();
    }
    for (Thread lane : lanes) {
      lane.join();
    }
  }

  private Thread waitAt(Seat seat) {
    Thread lane =
        new Thread(
            () -> {
              lock.lock();
              try {
                seat.awaitCall();
              } finally {
                lock.unlock();
              }
            });
    lane.start();
    Gate.awaitBlocked(lane);
    return lane;
  }

  @Test
  void theLastEnginesLanesAreNotDismissed() {
    Seat other = roster.add(1, ROW);
    assertTrue(roster.retire(first));
    assertTrue(roster.retire(second));
    assertFalse(roster.retire(other));
    assertFalse(roster.retire(first), "it is gone already");
  }
}
