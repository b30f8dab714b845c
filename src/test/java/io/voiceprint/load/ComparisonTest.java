package io.voiceprint.load;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class ComparisonTest {
  private static final long MS = 1_000_000;

  /** A request for a clip, due and answered after so many milliseconds. */
  private static Served served(int clip, long due, long latency) {
    return new Served(clip, due * MS, latency * MS);
  }

  @Test
  void aSlowdownIsByTheMedianOfTheSameClip() {
    List<Served> alone =
        List.of(served(0, 0, 10), served(1, 0, 40), served(0, 0, 90), served(0, 0, 20));
    Comparison comparison =
        Comparison.of(2, alone, List.of(served(0, 0, 30), served(1, 100, 40), served(1, 200, 80)));
    assertEquals(4, comparison.aloneMs().count());
    assertEquals(20, comparison.aloneMs().p50(), 1e-9);
    assertEquals(3, comparison.slowdown().count());
    assertEquals(1.5, comparison.slowdown().p50(), 1e-9);
    assertEquals(2, comparison.slowdown().max(), 1e-9);
  }

  @Test
  void oneByOneARequestWaitsForThoseDueBeforeIt() {
    List<Served> alone = List.of(served(0, 0, 10), served(1, 0, 40));
    // Answered in another order than that in which they were due: 0 to 40, 40 to 50, 90 to 100.
    List<Served> loaded = List.of(served(0, 1005, 1), served(1, 1000, 1), served(0, 1090, 1));
    Spread oneByOne = Comparison.of(2, alone, loaded).oneByOneMs();
    // Latencies 10, 40 and 45.
    assertEquals(3, oneByOne.count());
    assertEquals(40, oneByOne.p50(), 1e-9);
    assertEquals(45, oneByOne.max(), 1e-9);
  }

  @Test
  void aClipThatTheSingleCallerDidNotGetIsLeftOut() {
    Comparison comparison =
        Comparison.of(2, List.of(served(0, 0, 10)), List.of(served(0, 0, 10), served(1, 0, 99)));
    assertEquals(1, comparison.slowdown().count());
    assertEquals(1, comparison.oneByOneMs().count());
  }
}
