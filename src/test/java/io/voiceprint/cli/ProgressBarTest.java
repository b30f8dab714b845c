package io.voiceprint.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

final class ProgressBarTest {

  @Test
  void tellsHowFarHowFastAndHowLong() {
    assertEquals("[                        ] 0/8", ProgressBar.line(0, 0, 8, 0));
    assertEquals(
        "[######                  ] 2/8, 1 failed, 0.5 files/s, 0:00:12 left",
        ProgressBar.line(2, 1, 8, 4));
    assertEquals(
        "[########################] 8/8, 16.0 files/s, 0:00:00 left",
        ProgressBar.line(8, 0, 8, 0.5));
    assertEquals(
        "[                        ] 1/100000, 0.1 files/s, 277:46:30 left",
        ProgressBar.line(1, 0, 100_000, 10));
  }

  @Test
  void givesWayToMessages() {
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    Terminal terminal =
        new Terminal(
            new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8));
    terminal.showBar("1/2");
    terminal.error("a.wav:\n bad");
    terminal.showBar("");
    assertEquals(
        "\r\033[K1/2\r\033[Kvoiceprint: a.wav: bad\n\r\033[K1/2\r\033[K",
        err.toString(StandardCharsets.UTF_8));
  }
}
