package io.voiceprint.batch;

import static io.voiceprint.batch.ArithmeticEngine.audio;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WaitingRequestsTest {
  private static final long AGEING = 100;
  private static final RowLimit ONE = new RowLimit(1, 1_000);

  private final WaitingRequests waiting = new WaitingRequests(AGEING);

  private static Request request(int level, int columns) {
    return new Request(
        audio(new float[columns]).get(0),
        columns,
        columns,
        columns,
        new Terms(level, OptionalLong.empty()));
  }

  private Request add(int level, long now) {
    Request request = request(level, 1);
    waiting.add(request, now);
    return request;
  }

  private Request next() {
    return waiting.cut(ONE).get(0);
  }

  @Test
  void withinALevelTheFirstComesFirstAndABetterLevelGoesBefore() {
    Request low = add(2, 0);
    Request usual = add(1, 1);
    Request high = add(0, 2);
    Request laterHigh = add(0, 3);
    assertEquals(List.of(high, laterHigh, usual, low), List.of(next(), next(), next(), next()));
  }

  @Test
  void whoeverHasWaitedTheAgeingGoesBeforeABetterLevel() {
    Request low = add(2, 0);
    Request inTime = add(0, 2 * AGEING - 1);
    Request tooLate = add(0, 2 * AGEING + 1);
    assertEquals(List.of(inTime, low, tooLate), List.of(next(), next(), next()));
  }

  @Test
  void aRowEndsBeforeWhatDoesNotFit() {
    int[] columns = {50, 50, 1, 150, 99, 1, 1};
    for (int width : columns) {
      waiting.add(request(0, width), 0);
    }
    List<Integer> sizes = new ArrayList<>();
    while (!waiting.isEmpty()) {
      sizes.add(waiting.cut(new RowLimit(3, 100)).size());
    }
    assertEquals(List.of(2, 1, 1, 2, 1), sizes);
  }

  @Test
  void whatIsPutBackKeepsItsPlace() {
    Request first = add(1, 0);
    Request second = add(1, 0);
    assertEquals(first, next());
    waiting.putBack(first);
    assertEquals(List.of(first, second), waiting.all());
    assertEquals(0, waiting.oldestArrival());
  }

  /** Against a list that is sorted by rank at every step. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void agreesWithASortedList(long seed) {
    Random random = new Random(seed);
    List<Request> model = new ArrayList<>();
    Comparator<Request> rank =
        Comparator.<Request>comparingLong(r -> r.arrival() + r.terms().level() * AGEING)
            .thenComparingInt(r -> r.terms().level())
            .thenComparingLong(Request::sequence);
    long now = 0;
    for (int step = 0; step < 2_000; step++) {
      switch (random.nextInt(3)) {
        case 0 -> {
          Request request = request(random.nextInt(3), 1 + random.nextInt(40));
          waiting.add(request, now);
          model.add(request);
        }
        case 1 -> {
          if (!model.isEmpty()) {
            Request gone = model.remove(random.nextInt(model.size()));
            assertTrue(waiting.remove(gone));
            assertFalse(waiting.remove(gone));
          }
        }
        default -> {
          model.sort(rank);
          List<Request> row = waiting.cut(new RowLimit(3, 100));
          assertEquals(model.subList(0, row.size()), row);
          model.removeAll(row);
        }
      }
      now += random.nextInt(60);
      assertEquals(model.size(), waiting.size());
      assertEquals(model.stream().mapToLong(Request::columns).sum(), waiting.columns());
      assertEquals(model.stream().mapToLong(Request::heldBytes).sum(), waiting.bytes());
      if (!model.isEmpty()) {
        assertEquals(
            model.stream().mapToLong(Request::arrival).min().orElseThrow(),
            waiting.oldestArrival());
      }
    }
  }
}
