package io.voiceprint.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.voiceprint.golden.Npy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class NpyFileTest {
  @TempDir private Path folder;

  /** The reference embeddings were written by NumPy itself. */
  @Test
  void writesWhatNumpyWrites() throws IOException {
    Path reference = CliRun.DEMO.resolve("embeddings/voice_a_1.wav.npy");
    assertArrayEquals(Files.readAllBytes(reference), NpyFile.bytes(Npy.read(reference).floats()));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 31, 32, 33, 127, 1021})
  void isReadBack(int size) throws IOException {
    float[] vector = new float[size];
    for (int i = 0; i < size; i++) {
      vector[i] = (float) Math.sin(i) / (i + 1);
    }
    byte[] bytes = NpyFile.bytes(vector);
    assertEquals(0, (bytes.length - Float.BYTES * size) % 64);
    Npy read = Npy.read(Files.write(folder.resolve("v.npy"), bytes));
    assertArrayEquals(new int[] {size}, read.shape());
    assertArrayEquals(vector, read.floats());
  }
}
