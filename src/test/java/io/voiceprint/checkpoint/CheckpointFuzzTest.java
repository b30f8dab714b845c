package io.voiceprint.checkpoint;

import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Seeded mutations of small valid files. Only {@link CheckpointException} may come out, soon, and
 * with allocations that the size of the file explains.
 *
 * <p>A pickle is mutated before its archive is written, so that the checksum fits and the mutation
 * reaches the pickle machine.
 */
class CheckpointFuzzTest {
  private static final int ROUNDS = 1500;

  /** Values at which lengths, counts and offsets tend to break. */
  private static final long[] EDGES = {
    0,
    1,
    -1,
    0x7f,
    0x80,
    0xff,
    0xffff,
    0x7fffffffL,
    0x80000000L,
    0xffffffffL,
    Long.MAX_VALUE,
    Long.MIN_VALUE,
    1L << 62
  };

  private static final String INSTRUCTIONS =
      "(.012NJKMGX}]teausdlbqrhjcQR)BCTUi\u0080\u0081"
          + "\u0085\u0086\u0087\u0088\u0089\u008a\u008c\u008d\u008e\u0093\u0094\u0095\u0096";

  @TempDir Path directory;

  @Test
  void mutatedPickles() throws Exception {
    byte[] pickle = TinyCheckpoint.pickle();
    fuzz(11, random -> TinyCheckpoint.zip(mutate(pickle, random)));
  }

  @Test
  void mutatedArchives() throws Exception {
    byte[] zip = TinyCheckpoint.zip(TinyCheckpoint.pickle());
    fuzz(12, random -> mutate(zip, random));
  }

  @Test
  void mutatedSafetensors() throws Exception {
    Path file = directory.resolve("valid.safetensors");
    new SafetensorsWriter()
        .metadata("note", "x")
        .add("conv.weight", DType.FLOAT32, new int[] {2, 3}, new float[6])
        .add("conv.bias", DType.FLOAT16, new int[] {2}, new float[2])
        .write(file);
    byte[] valid = Files.readAllBytes(file);
    fuzz(13, random -> mutate(valid, random));
  }

  private interface Source {
    byte[] next(Random random) throws IOException;
  }

  private void fuzz(long seed, Source source) throws IOException {
    Random random = new Random(seed);
    Path file = directory.resolve("fuzz.safetensors");
    int[] outcomes = new int[2];
    assertTimeoutPreemptively(
        Duration.ofMinutes(2),
        () -> {
          for (int round = 0; round < ROUNDS; round++) {
            byte[] bytes = source.next(random);
            Files.write(file, bytes);
            long before = Exhaustive.allocatedBytes();
            try {
              Exhaustive.readAll(file);
              outcomes[0]++;
            } catch (CheckpointException e) {
              outcomes[1]++;
            } catch (RuntimeException | Error e) {
              throw new AssertionError("seed " + seed + ", round " + round, e);
            }
            long allocated = Exhaustive.allocatedBytes() - before;
            assertTrue(
                allocated <= Exhaustive.allowedBytes(bytes.length),
                "seed " + seed + ", round " + round + ": " + allocated + " bytes");
          }
        });
    assertTrue(
        outcomes[0] > 0 && outcomes[1] > ROUNDS / 4,
        "loaded " + outcomes[0] + ", refused " + outcomes[1]);
  }

  private static byte[] mutate(byte[] valid, Random random) {
    byte[] bytes = valid.clone();
    int changes = 1 + random.nextInt(3);
    for (int i = 0; i < changes && bytes.length > 8; i++) {
      int at = random.nextInt(bytes.length);
      switch (random.nextInt(7)) {
        case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
        case 1 -> bytes[at] = (byte) random.nextInt();
        case 2 -> bytes[at] = (byte) INSTRUCTIONS.charAt(random.nextInt(INSTRUCTIONS.length()));
        case 3 -> {
          long edge = EDGES[random.nextInt(EDGES.length)];
          ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
          int width = 1 << random.nextInt(4);
          for (int k = 0; k < width && at + k < bytes.length; k++) {
            buffer.put(at + k, (byte) (edge >>> (8 * k)));
          }
        }
        case 4 -> bytes = Arrays.copyOf(bytes, at);
        case 5 -> bytes = splice(bytes, at, at + random.nextInt(bytes.length - at), at);
        default -> {
          int from = random.nextInt(bytes.length);
          bytes = splice(bytes, from, from + random.nextInt(bytes.length - from), at);
        }
      }
    }
    return bytes;
  }

  /** Inserts a copy of a range at a position; with a range that starts there, doubles it. */
  private static byte[] splice(byte[] bytes, int from, int to, int at) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(bytes, 0, at);
    out.write(bytes, from, to - from);
    out.write(bytes, at, bytes.length - at);
    return out.toByteArray();
  }
}
