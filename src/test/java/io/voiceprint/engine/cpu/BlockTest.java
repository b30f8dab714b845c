package io.voiceprint.engine.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Blocks needed at the same time never overlap, and memory is reused where they are not. */
class BlockTest {
  private record Need(Block block, long bytes, int first, int last) {}

  @Test
  void blocksOfRandomLifetimesDoNotOverlap() {
    Random random = new Random(17);
    for (int round = 0; round < 200; round++) {
      List<Need> needs = new ArrayList<>();
      for (int i = 0; i < 1 + random.nextInt(40); i++) {
        int first = random.nextInt(30);
        int last = first + random.nextInt(10);
        long bytes = random.nextInt(5000);
        needs.add(new Need(new Block(bytes, first, last), bytes, first, last));
      }
      long size = Block.place(needs.stream().map(Need::block).toList());
      for (int i = 0; i < needs.size(); i++) {
        Need a = needs.get(i);
        assertTrue(a.block().offset() % 64 == 0 && a.block().offset() + a.bytes() <= size);
        for (Need b : needs.subList(0, i)) {
          boolean together = a.first() <= b.last() && b.first() <= a.last();
          boolean apart =
              a.block().offset() + a.bytes() <= b.block().offset()
                  || b.block().offset() + b.bytes() <= a.block().offset();
          assertTrue(!together || apart || a.bytes() == 0 || b.bytes() == 0);
        }
      }
    }
  }

  @Test
  void aChainOfValuesNeedsTheRoomOfTwo() {
    List<Block> chain = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      chain.add(new Block(1024, i, i + 1));
    }
    assertEquals(2048, Block.place(chain));
  }
}
