package io.voiceprint.bench;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class ClosedLoopTest {
  @Test
  void percentilesAreTimesThatWereMeasured() {
    long[] hundred = LongStream.rangeClosed(1, 100).map(ms -> ms * 1_000_000).toArray();
    ClosedLoop.Times times = new ClosedLoop.Times(1, hundred);
    assertEquals(50, times.percentileMs(0.5), 1e-9);
    assertEquals(90, times.percentileMs(0.9), 1e-9);
    assertEquals(99, times.percentileMs(0.99), 1e-9);
    assertEquals(1, times.percentileMs(0), 1e-9);
    assertEquals(100, times.percentileMs(1), 1e-9);
    ClosedLoop.Times one = new ClosedLoop.Times(1, new long[] {7_000_000});
    assertEquals(7, one.percentileMs(0.5), 1e-9);
    assertEquals(7, one.percentileMs(0.99), 1e-9);
  }

  @Test
  void everyCallAfterTheWarmUpIsTimed() {
    int[] calls = new int[1];
    ClosedLoop.Times times = ClosedLoop.measure(() -> calls[0]++, 0, 200_000);
    assertTrue(times.calls() >= 3);
    assertEquals(calls[0], 3 + times.calls());
    long[] sorted = times.sortedNanos().clone();
    Arrays.sort(sorted);
    assertArrayEquals(sorted, times.sortedNanos());
    assertEquals(times.elapsedNanos(), LongStream.of(times.sortedNanos()).sum());
  }
}
