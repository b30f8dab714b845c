package io.voiceprint.engine.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.voiceprint.graph.Graph;
import io.voiceprint.graph.Node;
import io.voiceprint.graph.Shape.FeatureMap;
import io.voiceprint.model.RandomModels;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PackedRowTest {
  private static PackedRow pack(RowGeometry geometry, List<Integer> frames) {
    return PackedRow.of(geometry, frames, 0, frames.size(), Integer::intValue);
  }

  @ParameterizedTest
  @CsvSource({"298, 312", "9, 24", "8, 16", "1, 16", "1000, 1008"})
  void aClipTakesTheColumnsOfTheDesign(int frames, int columns) {
    Graph graph = RandomModels.next(new Random(1)).graph();
    RowGeometry geometry = RowGeometry.of(graph);
    assertEquals(new RowGeometry(8, 8), geometry);
    assertEquals(columns, geometry.footprint(frames));
    assertTrue(geometry.framesWithin(columns) >= frames);
    assertEquals(columns, geometry.footprint(geometry.framesWithin(columns)));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6})
  void noKernelReachesFromOneClipIntoAnother(int seed) {
    Random random = new Random(seed);
    Graph graph = RandomModels.next(random).graph();
    RowGeometry geometry = RowGeometry.of(graph);
    List<Integer> frames = new ArrayList<>();
    for (int i = 0; i < 1 + random.nextInt(20); i++) {
      frames.add(1 + random.nextInt(200));
    }
    PackedRow row = pack(geometry, frames);
    for (Node node : graph.nodes()) {
      if (node instanceof Node.Conv2d conv) {
        int in = conv.input().map().timeStride();
        int out = conv.output().map().timeStride();
        int[] owners = table(row, in);
        int[] outOwners = table(row, out);
        int radius = (conv.kernelT() - 1) / 2;
        for (int t = 0; t < outOwners.length; t++) {
          for (int k = -radius; k <= radius; k++) {
            int at = t * conv.geometry().strideT() + k;
            if (outOwners[t] >= 0 && at >= 0 && at < owners.length) {
              assertTrue(
                  owners[at] == PackedRow.GAP || owners[at] == outOwners[t],
                  "clip %d reads clip %d".formatted(outOwners[t], owners[at]));
            }
          }
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4, 8})
  void theColumnTableSaysWhatTheClipTableSays(int timeStride) {
    Random random = new Random(timeStride);
    RowGeometry geometry = new RowGeometry(8, 8);
    List<Integer> frames = List.of(9, 1, 31, 32, 33, 127, 1021, 8 + random.nextInt(50));
    PackedRow row = pack(geometry, frames);
    int[] owners = table(row, timeStride);
    int[] counts = new int[frames.size()];
    for (int column = 0; column < owners.length; column++) {
      if (owners[column] >= 0) {
        int clip = owners[column];
        assertEquals(row.firstColumn(clip) / timeStride + counts[clip], column);
        counts[clip]++;
      }
    }
    for (int clip = 0; clip < counts.length; clip++) {
      assertEquals(new FeatureMap(1, 1, timeStride).time(frames.get(clip)), counts[clip]);
    }
  }

  /** The table of a row with a little room behind its clips. */
  private static int[] table(PackedRow row, int timeStride) {
    int columns = (row.columns() + 24) / timeStride;
    IntBuffer buffer = IntBuffer.allocate(columns + 1);
    buffer.put(columns, 12345);
    row.putColumnClips(timeStride, buffer, columns);
    assertEquals(columns, buffer.position());
    assertEquals(12345, buffer.get(columns), "nothing is written behind the table");
    int[] table = new int[columns];
    buffer.get(0, table);
    return table;
  }

  @Test
  void utterancesAreSharedOutToRowsInOrder() {
    Random random = new Random(6);
    RowGeometry geometry = new RowGeometry(8, 8);
    List<Integer> frames = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      frames.add(1 + random.nextInt(random.nextInt(20) == 0 ? 3000 : 300));
    }
    int from = 0;
    while (from < frames.size()) {
      int count = PackedRow.fitting(geometry, frames, from, 1024, 5, Integer::intValue);
      PackedRow row = PackedRow.of(geometry, frames, from, from + count, Integer::intValue);
      assertTrue(count >= 1 && count <= 5);
      assertTrue(row.columns() <= 1024 || count == 1);
      if (from + count < frames.size() && count < 5) {
        assertTrue(
            row.columns() + geometry.footprint(frames.get(from + count)) > 1024,
            "the next would have fitted");
      }
      from += count;
    }
  }

  @Test
  void bucketsAreFewAndWasteLittle() {
    RowGeometry geometry = new RowGeometry(8, 8);
    Buckets buckets = Buckets.of(geometry, 9, 1 << 20);
    int[] sizes = buckets.sizes();
    assertTrue(sizes.length >= 20 && sizes.length <= 40, sizes.length + " buckets");
    assertEquals(312, buckets.fitting(312), "three seconds of speech fit exactly");
    for (int columns = 24; columns <= buckets.largest(); columns += 8) {
      int size = buckets.fitting(columns);
      assertTrue(size >= columns && size % 8 == 0);
      assertTrue(size <= 1.25 * columns + 8, "%d in %d".formatted(columns, size));
    }
    int longer = buckets.largest() + 8;
    assertEquals(longer, buckets.fitting(longer), "a long utterance gets a row of its own");
  }

  @Test
  void bucketsKeepToTheLimit() {
    RowGeometry geometry = new RowGeometry(8, 8);
    for (int limit : new int[] {24, 100, 320, 5000}) {
      assertTrue(Buckets.of(geometry, 9, limit).largest() <= limit);
    }
    assertEquals(1, Buckets.clips(1));
    assertEquals(2, Buckets.clips(2));
    assertEquals(4, Buckets.clips(3));
    assertEquals(128, Buckets.clips(127));
  }
}
