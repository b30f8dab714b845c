package io.voiceprint.engine.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.voiceprint.engine.Precision;
import io.voiceprint.model.RandomModels;
import io.voiceprint.model.SpeakerModel;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who computes when: each call has a team of its own, and no more run than there are teams. */
@Timeout(60)
class TeamsTest {
  private final ExecutorService callers = Executors.newFixedThreadPool(4);
  private final Set<Thread> computing = ConcurrentHashMap.newKeySet();
  private Planner planner;
  private Teams teams;

  @BeforeEach
  void twoTeams() {
    OneDnnAvailable.assume();
    SpeakerModel model = RandomModels.next(new Random(1));
    planner = new Planner(model.graph(), DataType.of(Precision.FP32), Strips.MAP_BYTES);
    teams = new Teams(planner, new FilterBank(model.frontEnd()), 2, 1);
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
  void twoTeamsComputeAtTheSameTime() throws ExecutionException, InterruptedException {
    CyclicBarrier meeting = new CyclicBarrier(2);
    Callable<Integer> call = () -> teams.call(session -> meet(meeting));
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
      assertTrue(teams.call(session -> computing.add(Thread.currentThread())) == (i == 0));
    }
  }

  @Test
  void aFailedCallGivesItsTeamBack() {
    for (int i = 0; i < 5; i++) {
      assertThrows(
          IllegalArgumentException.class,
          () ->
              teams.call(
                  session -> {
                    throw new IllegalArgumentException("of the work");
                  }));
    }
    assertEquals("done", teams.call(session -> "done"));
  }

  @Test
  void aClosedOneSaysSo() {
    teams.close();
    teams.close();
    var thrown = assertThrows(IllegalStateException.class, () -> teams.call(session -> 1));
    assertTrue(thrown.getMessage().contains("closed"), thrown.getMessage());
  }
}
