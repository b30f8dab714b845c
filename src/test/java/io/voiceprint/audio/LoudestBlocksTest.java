package io.voiceprint.audio;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LoudestBlocksTest {
  private static final double SHARE = 1e-3;

  @Test
  void whatIsNearlyAsLoudAsTheLoudestIsCountedUpToWhatWasAskedFor() {
    Random random = new Random(1);
    int enough = 0;
    for (int round = 0; round < 2000; round++) {
      int block = 1 + random.nextInt(5);
      int samples = 1 + random.nextInt(60);
      int asked = 1 + random.nextInt(40);
      double[] power = new double[(samples + block - 1) / block];
      Arrays.setAll(power, i -> Math.pow(10, -5 * random.nextDouble()));
      LoudestBlocks blocks = new LoudestBlocks(block, asked);
      double threshold = SHARE * Arrays.stream(power).max().orElseThrow();
      long expected = 0;
      for (int b = 0; b < power.length; b++) {
        int count = Math.min(block, samples - b * block);
        blocks.add(power[b], count);
        expected += power[b] >= threshold ? count : 0;
      }
      long actual = blocks.samplesFrom(SHARE);
      if (expected < asked) {
        assertEquals(expected, actual, "round " + round);
      } else {
        assertTrue(actual >= asked, "round %d: %d of %d".formatted(round, actual, expected));
        enough++;
      }
    }
    assertTrue(enough > 500 && enough < 1500, enough + " rounds with as much as was asked for");
  }
}
