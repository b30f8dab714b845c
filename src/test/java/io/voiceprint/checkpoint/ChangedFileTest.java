package io.voiceprint.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tensors may be read again later: what was changed or cut off meanwhile must not go unnoticed. */
class ChangedFileTest {
  /** More than is read at once. */
  private static final int ELEMENTS = 100_000;

  @TempDir Path folder;
  private Path file;
  private StoredTensor tensor;
  private float[] values;

  @BeforeEach
  void write() throws Exception {
    file = folder.resolve("model.safetensors");
    values = new float[ELEMENTS];
    for (int i = 0; i < ELEMENTS; i++) {
      values[i] = i;
    }
    int[] shape = {ELEMENTS / 10, 10};
    new SafetensorsWriter().add("w", DType.FLOAT32, shape, values).write(file);
    tensor = StateDict.open(file).tensor("w");
  }

  @Test
  void isReadAgainAndInPieces() throws Exception {
    assertArrayEquals(values, tensor.readFloats());
    FloatReader reader = tensor.reader();
    float[] again = new float[ELEMENTS];
    FloatBuffer all = FloatBuffer.wrap(again);
    for (int length = 1; all.position() < ELEMENTS; length = 3 * length + 1) {
      all.limit(Math.min(ELEMENTS, all.position() + length));
      reader.read(all);
    }
    assertArrayEquals(values, again);
  }

  @Test
  void otherBytesAreRefused() throws Exception {
    assertArrayEquals(values, tensor.readFloats());
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.allocate(1), channel.size() - 2);
    }
    refused("w: has changed since the file was opened");
  }

  @Test
  void aFileThatWasCutOffIsRefused() throws Exception {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.truncate(channel.size() - 2);
    }
    refused("ends at byte");
  }

  private void refused(String reason) {
    CheckpointException e = assertThrows(CheckpointException.class, tensor::readFloats);
    assertTrue(e.getMessage().contains(reason), e.getMessage());
  }
}
