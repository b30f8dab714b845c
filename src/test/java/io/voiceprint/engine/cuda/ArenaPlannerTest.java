package io.voiceprint.engine.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.voiceprint.cuda.DeviceMemory;
import io.voiceprint.engine.cuda.ArenaPlanner.Placement;
import io.voiceprint.engine.cuda.ArenaPlanner.Request;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ArenaPlannerTest {
  @Test
  void whatLivesAtTheSameTimeDoesNotOverlap() {
    Random random = new Random(4);
    for (int round = 0; round < 200; round++) {
      List<Request> requests = new ArrayList<>();
      int steps = 1 + random.nextInt(40);
      for (int i = 0; i < 1 + random.nextInt(60); i++) {
        int first = random.nextInt(steps);
        requests.add(
            new Request(random.nextInt(5000), first, first + random.nextInt(steps - first)));
      }
      Placement placement = ArenaPlanner.place(requests);
      for (int a = 0; a < requests.size(); a++) {
        long begin = placement.offsets()[a];
        long end = begin + requests.get(a).bytes();
        assertEquals(0, begin % DeviceMemory.ALIGNMENT);
        assertTrue(end <= placement.bytes());
        for (int b = 0; b < a; b++) {
          long otherBegin = placement.offsets()[b];
          long otherEnd = otherBegin + requests.get(b).bytes();
          boolean together =
              requests.get(a).first() <= requests.get(b).last()
                  && requests.get(b).first() <= requests.get(a).last();
          assertTrue(
              !together || end <= otherBegin || otherEnd <= begin,
              () -> "%s overlaps another at step %d".formatted(placement, requests.size()));
        }
      }
    }
  }

  @Test
  void aChainReusesTheMemoryOfWhatIsDead() {
    List<Request> chain = new ArrayList<>();
    for (int step = 0; step < 50; step++) {
      chain.add(new Request(1024, step, step + 1));
    }
    assertEquals(2 * 1024, ArenaPlanner.place(chain).bytes());
  }
}
