package io.voiceprint.peers.onnxruntime;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.voiceprint.frontend.Features;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FeatureFileTest {
  private static final List<Workload> WORKLOADS = List.of(new Workload(1, 9), new Workload(2, 12));

  @TempDir private Path folder;

  @Test
  void readsTheUtterancesInOrder() throws IOException {
    List<List<Features>> written = List.of(Noise.utterances(1, 9, 1), Noise.utterances(2, 12, 2));
    ByteBuffer bytes = ByteBuffer.allocate(4 * 80 * (9 + 24)).order(ByteOrder.LITTLE_ENDIAN);
    for (List<Features> utterances : written) {
      for (Features utterance : utterances) {
        for (float value : utterance.data()) {
          bytes.putFloat(value);
        }
      }
    }
    Path file = Files.write(folder.resolve("features"), bytes.array());
    List<List<Features>> read = FeatureFile.read(file, WORKLOADS);
    assertEquals(List.of(1, 2), read.stream().map(List::size).toList());
    assertArrayEquals(written.get(0).get(0).data(), read.get(0).get(0).data());
    assertArrayEquals(written.get(1).get(1).data(), read.get(1).get(1).data());
    assertEquals(12, read.get(1).get(1).frames());
  }

  @Test
  void refusesAFileOfAnotherSize() throws IOException {
    Path file = Files.write(folder.resolve("features"), new byte[4 * 80 * (9 + 24) + 1]);
    IOException e = assertThrows(IOException.class, () -> FeatureFile.read(file, WORKLOADS));
    assertTrue(e.getMessage().contains("10561 bytes"), e.getMessage());
  }

  @Test
  void workloadsAreClipsTimesFrames() {
    assertEquals(new Workload(8, 298), Workload.parse("8x298"));
    assertEquals("8 x 3 s", Workload.parse("8x298").name());
    assertEquals("1 x 0.5 s", Workload.parse("1x48").name());
    for (String bad : List.of("", "8", "8x", "8x0", "0x298", "8x2x3", "8x-1", "x", "9999999x9")) {
      assertThrows(IllegalArgumentException.class, () -> Workload.parse(bad), bad);
    }
  }

  @Test
  void batchesAreClipsTimesSeconds() {
    assertEquals(new Batch(8, 2.5), Batch.parse("8x2.5"));
    assertEquals("8x10", Batch.parse("8x10").toString());
    for (String bad : List.of("", "8", "0x3", "8x0", "8xNaN", "8x1e9", "1x2x3", "99999x1")) {
      assertThrows(IllegalArgumentException.class, () -> Batch.parse(bad), bad);
    }
  }
}
