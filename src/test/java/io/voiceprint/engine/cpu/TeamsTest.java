package io.voiceprint.engine.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.voiceprint.engine.Precision;
import io.voiceprint.frontend.Features;
import io.voiceprint.model.RandomModels;
import io.voiceprint.model.SpeakerModel;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who computes when: each call has a team of its own, and no more run than there are lanes. */
@Timeout(60)
class TeamsTest {
  private static final int SHORT = Teams.SHORT_FRAMES;
  private static final int LONG = Teams.SHORT_FRAMES + 1;

  private final ExecutorService callers = Executors.newFixedThreadPool(4);
  private final Set<Thread> computing = ConcurrentHashMap.newKeySet();
  private FilterBank filterBank;
  private Planner planner;
  private Teams teams;

  @BeforeEach
  void twoLanes() {
    OneDnnAvailable.assume();
    SpeakerModel model = RandomModels.next(new Random(1));
    planner = new Planner(model.graph(), DataType.of(Precision.FP32), Strips.MAP_BYTES);
    filterBank = new FilterBank(model.frontEnd());
    teams = new Teams(planner, filterBank, 2, 1);
  }

  @AfterEach
  void close() {
    callers.shutdownNow();
    if (teams != null) {
      teams.close();
      planner.close();
    }
  }

  /** They meet in the middle of their work, which calls one after the other never would. */
  @Test
  void twoShortUtterancesAreComputedAtTheSameTime()
      throws ExecutionException, InterruptedException {
    CyclicBarrier meeting = new CyclicBarrier(2);
    Callable<Integer> call = () -> teams.call(SHORT, false, session -> meet(meeting));
    for (Future<Integer> done : callers.invokeAll(List.of(call, call, call, call))) {
      done.get();
    }
    assertEquals(2, computing.size());
  }

  private int meet(CyclicBarrier meeting) {
    computing.add(Thread.currentThread());
    try {
      return meeting.await(30, TimeUnit.SECONDS);
    } catch (InterruptedException | BrokenBarrierException | TimeoutException e) {
      throw new AssertionError("nobody else computes", e);
    }
  }

  @Test
  void oneCallerAfterAnotherHasTheSameTeam() {
    for (int i = 0; i < 5; i++) {
      assertTrue(
          teams.call(SHORT, false, session -> computing.add(Thread.currentThread())) == (i == 0));
    }
  }

  /** The lanes that are in use at any moment, as those that use them count. */
  @Test
  void aLongUtteranceHasTwoLanes() throws ExecutionException, InterruptedException {
    AtomicInteger used = new AtomicInteger();
    List<Callable<Integer>> calls = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      int frames = i % 3 == 0 ? LONG : SHORT;
      calls.add(() -> teams.call(frames, false, session -> highest(used, frames == LONG ? 2 : 1)));
    }
    for (Future<Integer> highest : callers.invokeAll(calls)) {
      assertTrue(highest.get() <= 2, "lanes in use: " + highest.get());
    }
  }

  private static int highest(AtomicInteger used, int lanes) {
    int highest = used.addAndGet(lanes);
    for (int i = 0; i < 1000; i++) {
      Thread.onSpinWait();
      highest = Math.max(highest, used.get());
    }
    used.addAndGet(-lanes);
    return highest;
  }

  @Test
  void aLongUtteranceHasATeamOfItsOwn() {
    Thread ofShort = teams.call(SHORT, false, session -> Thread.currentThread());
    Thread ofLong = teams.call(LONG, false, session -> Thread.currentThread());
    assertNotSame(ofShort, ofLong);
    try (Teams oneLane = new Teams(planner, filterBank, 1, 2)) {
      assertSame(
          oneLane.call(SHORT, false, session -> Thread.currentThread()),
          oneLane.call(LONG, false, session -> Thread.currentThread()));
    }
  }

  /** Bits are what decides, so they are compared here once more, on other features. */
  @Test
  void whereOthersWaitALongUtteranceHasOneLaneThatGivesItTheSameBits() {
    Features utterance = CpuEngineTest.features(LONG + 30, new Random(7));
    Thread ofTwo = teams.call(LONG, false, session -> Thread.currentThread());
    Thread underLoad = teams.call(LONG, true, session -> Thread.currentThread());
    assertEquals(teams.isAlike(LONG), underLoad != ofTwo);
    float[] alone = teams.call(utterance.frames(), false, session -> session.embed(utterance));
    float[] whileOthersWait =
        teams.call(utterance.frames(), true, session -> session.embed(utterance));
    assertArrayEquals(alone, whileOthersWait);
  }

  @Test
  void minutesOfSpeechHaveTwoLanesAndAreNotTriedOnOne() {
    Thread ofTwo = teams.call(LONG, false, session -> Thread.currentThread());
    int frames = Teams.TRIED_FRAMES + 1;
    assertSame(ofTwo, teams.call(frames, true, session -> Thread.currentThread()));
  }

  /** One lane is free all the time, and yet the short utterance that comes last is not first. */
  @Test
  void aLongUtteranceIsNotOvertaken() throws InterruptedException {
    CountDownLatch firstMayEnd = new CountDownLatch(1);
    List<String> order = Collections.synchronizedList(new ArrayList<>());
    Thread first = waiting(() -> teams.call(SHORT, false, session -> await(firstMayEnd)));
    Thread second = waiting(() -> teams.call(LONG, false, session -> order.add("long")));
    Thread third = waiting(() -> teams.call(SHORT, false, session -> order.add("short")));
    firstMayEnd.countDown();
    for (Thread caller : List.of(first, second, third)) {
      caller.join();
    }
    assertEquals(List.of("long", "short"), order);
  }

  /**
   * A thread that runs {@code call} and has come to where it waits for something, or to its end.
   */
  private static Thread waiting(Runnable call) {
    Thread caller = new Thread(call);
    caller.start();
    while (caller.getState() != Thread.State.WAITING
        && caller.getState() != Thread.State.TERMINATED) {
      Thread.onSpinWait();
    }
    return caller;
  }

  private static boolean await(CountDownLatch latch) {
    try {
      return latch.await(30, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void aFailedCallGivesItsTeamBack() {
    for (int frames : new int[] {SHORT, LONG, SHORT, LONG, SHORT, SHORT}) {
      assertThrows(
          IllegalArgumentException.class,
          () ->
              teams.call(
                  frames,
                  false,
                  session -> {
                    throw new IllegalArgumentException("of the work");
                  }));
    }
    assertEquals("done", teams.call(SHORT, false, session -> "done"));
  }

  @Test
  void aClosedOneSaysSo() {
    teams.close();
    teams.close();
    var thrown =
        assertThrows(IllegalStateException.class, () -> teams.call(SHORT, false, session -> 1));
    assertTrue(thrown.getMessage().contains("closed"), thrown.getMessage());
  }
}
