package io.voiceprint.engine.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PackedRowsTest {
  private static final RowGeometry GEOMETRY = new RowGeometry(8, 8);
  private static final int MAX_CLIPS = 6;

  private final Buckets buckets = Buckets.of(GEOMETRY, 9, 3_000);
  private final PackedRows rows =
      new PackedRows(GEOMETRY, new RowLimits(buckets, MAX_CLIPS, 100_000, 0, 0, 0, 0, 0));

  /** Whoever cuts rows by these numbers cuts as the engine does. */
  @Test
  void countAsTheEngineCuts() {
    Random random = new Random(1);
    for (int round = 0; round < 200; round++) {
      List<Integer> frames = new ArrayList<>();
      int columns = 0;
      while (true) {
        int next = 9 + random.nextInt(1_000);
        boolean fits =
            frames.size() < rows.maxUtterances()
                && columns + rows.columns(next) <= rows.maxColumns();
        frames.add(next);
        if (!fits) {
          break;
        }
        columns += rows.columns(next);
      }
      assertEquals(
          frames.size() - 1,
          PackedRow.fitting(GEOMETRY, frames, 0, buckets.largest(), MAX_CLIPS, Integer::intValue));
      assertTrue(rows.computed(columns) >= columns);
      assertTrue(rows.computed(columns) <= rows.maxColumns());
    }
  }
}
