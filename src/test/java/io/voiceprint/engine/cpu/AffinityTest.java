package io.voiceprint.engine.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Where Linux lets threads run, as it says itself. */
class AffinityTest {
  private static final Path SELF = Path.of("/proc/thread-self");
  private static final AtomicInteger COUNT = new AtomicInteger();

  /** Of the test's thread alone: those of the test before may not have ended yet. */
  private final String name = "settled-" + COUNT.incrementAndGet();

  @BeforeAll
  static void needsOneDnnAndNobodysWish() {
    OneDnnAvailable.assume();
    for (String name : List.of("OMP_PROC_BIND", "OMP_PLACES", "GOMP_CPU_AFFINITY")) {
      assumeTrue(System.getenv(name) == null, name + " is set: threads run where the user says");
    }
  }

  @Test
  void aTeamOfAllProcessorsHasEachOnItsOwn() throws Exception {
    List<Integer> everywhere = processors(SELF);
    List<Integer> ofTeam = new ArrayList<>();
    onItsOwnThread(
        () -> {
          OpenMp.useThreads(everywhere.size());
          Affinity.settle(everywhere.size());
          try (Stream<Path> tasks = Files.list(Path.of("/proc/self/task"))) {
            for (Path task : tasks.toList()) {
              // The team's threads have the name of the one that opened it.
              if (Files.readString(task.resolve("comm")).strip().equals(name)) {
                ofTeam.addAll(processors(task));
              }
            }
          }
          return null;
        });
    assertEquals(everywhere, ofTeam.stream().sorted().toList());
  }

  @Test
  void workersThatASettledThreadStartsRunEverywhere() throws Exception {
    List<Integer> everywhere = processors(SELF);
    List<Integer> ofWorker =
        onItsOwnThread(
            () -> {
              OpenMp.useThreads(everywhere.size());
              Affinity.settle(everywhere.size());
              ForkJoinPool pool = new ForkJoinPool(1, Affinity::worker, null, false);
              try {
                return pool.submit(() -> processors(SELF)).get();
              } finally {
                pool.shutdown();
              }
            });
    assertEquals(everywhere, ofWorker);
  }

  @Test
  void aTeamOfAnotherSizeMovesFreely() throws Exception {
    List<Integer> everywhere = processors(SELF);
    List<Integer> ofTeam =
        onItsOwnThread(
            () -> {
              OpenMp.useThreads(everywhere.size() + 1);
              Affinity.settle(everywhere.size() + 1);
              return processors(SELF);
            });
    assertEquals(everywhere, ofTeam);
  }

  private <T> T onItsOwnThread(Callable<T> work) throws Exception {
    ExecutorService thread = Executors.newSingleThreadExecutor(task -> new Thread(task, name));
    try {
      return thread.submit(work).get();
    } finally {
      thread.shutdown();
    }
  }

  /** Processors on which a thread may run, ascending. */
  private static List<Integer> processors(Path thread) throws IOException {
    String prefix = "Cpus_allowed_list:";
    for (String line : Files.readAllLines(thread.resolve("status"))) {
      if (line.startsWith(prefix)) {
        return Arrays.stream(line.substring(prefix.length()).strip().split(",", -1))
            .flatMap(AffinityTest::range)
            .toList();
      }
    }
    throw new IOException(thread + " does not say " + prefix);
  }

  /** Of {@code "3"} or {@code "0-3"}. */
  private static Stream<Integer> range(String text) {
    String[] ends = text.split("-", -1);
    return IntStream.rangeClosed(Integer.parseInt(ends[0]), Integer.parseInt(ends[ends.length - 1]))
        .boxed();
  }
}
