package io.voiceprint.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import org.junit.jupiter.api.Test;

class LatenciesTest {
  private static final double DIGITS = 1e-3;

  private static Latencies milliseconds(int from, int to) {
    Latencies latencies = new Latencies();
    for (int ms = from; ms <= to; ms++) {
      latencies.record(ms * 1_000_000L);
    }
    return latencies;
  }

  @Test
  void percentilesAreTimesThatWereMeasured() {
    Percentiles p = milliseconds(1, 1000).percentiles();
    assertEquals(500, p.p50(), 500 * DIGITS);
    assertEquals(900, p.p90(), 900 * DIGITS);
    assertEquals(990, p.p99(), 990 * DIGITS);
    assertEquals(999, p.p999(), 999 * DIGITS);
    assertEquals(1000, p.max(), 1000 * DIGITS);
    assertEquals(1, p.min(), DIGITS);
    assertEquals(500.5, p.mean(), 500.5 * DIGITS);
  }

  @Test
  void ofOneCallAllPercentilesAreThatCall() {
    Percentiles p = milliseconds(7, 7).percentiles();
    assertEquals(7, p.p50(), 7 * DIGITS);
    assertEquals(p.max(), p.p50());
    assertEquals(p.max(), p.p999());
  }

  @Test
  void severalAreAddedUp() {
    Latencies all = milliseconds(1, 10);
    all.add(milliseconds(11, 30));
    assertEquals(30, all.calls());
    assertEquals(15, all.percentiles().p50(), 15 * DIGITS);
  }

  @Test
  void theirTextHoldsThemAll() throws IOException {
    Latencies latencies = milliseconds(1, 100);
    Latencies again = Latencies.decode(latencies.encoded());
    assertEquals(latencies.calls(), again.calls());
    assertEquals(latencies.percentiles(), again.percentiles());
    assertThrows(IOException.class, () -> Latencies.decode("HISTnothing"));
    assertThrows(IOException.class, () -> Latencies.decode("?"));
  }
}
