package io.voiceprint.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.voiceprint.number.Float16;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SafetensorsWriterTest {
  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 3, 31, 32, 33, 127, 1021, 40000})
  void whatIsWrittenIsRead(int size) throws Exception {
    float[] values = values(size, 7);
    Path file = directory.resolve("weights.safetensors");
    new SafetensorsWriter()
        .metadata("note", "a \"quoted\"\nline, grüß")
        .add("full", DType.FLOAT32, new int[] {size, 1}, values)
        .add("half", DType.FLOAT16, new int[] {size}, values)
        .add("scalar", DType.FLOAT32, new int[0], new float[] {-0f})
        .write(file);

    StateDict state = StateDict.open(file);
    assertEquals(List.of("full", "scalar", "half"), List.copyOf(state.names()));
    assertEquals(Map.of("note", "a \"quoted\"\nline, grüß"), state.metadata());
    assertArrayEquals(new int[] {size, 1}, state.tensor("full").shape());
    assertArrayEquals(values, state.tensor("full").readFloats());
    assertEquals(DType.FLOAT16, state.tensor("half").dtype());
    float[] rounded = new float[size];
    for (int i = 0; i < size; i++) {
      rounded[i] = Float16.toFloat(Float16.fromFloat(values[i]));
    }
    assertArrayEquals(rounded, state.tensor("half").readFloats());
    assertEquals(0, state.tensor("scalar").shape().length);
    assertArrayEquals(new float[] {-0f}, state.tensor("scalar").readFloats());
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    assertEquals(0, bytes.getLong() % 8, "header length");
  }

  @Test
  void theOrderOfAddingDoesNotMatterAndNothingElseIsLeft() throws Exception {
    float[] values = values(5, 1);
    Path first = directory.resolve("1");
    Path second = Files.writeString(directory.resolve("2"), "an older file");
    new SafetensorsWriter()
        .metadata("a", "1")
        .metadata("b", "2")
        .add("x", DType.FLOAT32, new int[] {5}, values)
        .add("y", DType.FLOAT16, new int[] {5}, values)
        .write(first);
    new SafetensorsWriter()
        .metadata("b", "2")
        .metadata("a", "1")
        .add("y", DType.FLOAT16, new int[] {5}, values)
        .add("x", DType.FLOAT32, new int[] {5}, values)
        .write(second);
    assertEquals(-1, Files.mismatch(first, second));
    try (Stream<Path> files = Files.list(directory)) {
      assertEquals(2, files.count());
    }
  }

  @Test
  void whatCannotBeWrittenIsRefused() {
    SafetensorsWriter writer = new SafetensorsWriter();
    float[] one = {1};
    int[] shape = {1};
    writer.add("taken", DType.FLOAT32, shape, one);
    assertRefused(writer, "taken", DType.FLOAT32, shape, one);
    assertRefused(writer, "__metadata__", DType.FLOAT32, shape, one);
    assertRefused(writer, "a", DType.INT64, shape, one);
    assertRefused(writer, "a", DType.FLOAT32, new int[] {2}, one);
    assertRefused(writer, "a", DType.FLOAT32, new int[] {-1, -1}, one);
    assertRefused(writer, "a", DType.FLOAT32, shape, new float[] {Float.NaN});
    assertRefused(writer, "a", DType.FLOAT16, shape, new float[] {65520});
  }

  private static void assertRefused(
      SafetensorsWriter writer, String name, DType dtype, int[] shape, float[] values) {
    assertThrows(
        IllegalArgumentException.class, () -> writer.add(name, dtype, shape, values), name);
  }

  private static float[] values(int size, long seed) {
    Random random = new Random(seed);
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }
}
