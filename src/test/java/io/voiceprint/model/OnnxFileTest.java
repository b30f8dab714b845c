package io.voiceprint.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.protobuf.ByteString;
import io.voiceprint.checkpoint.CheckpointException;
import io.voiceprint.checkpoint.StateDict;
import io.voiceprint.checkpoint.StoredTensor;
import io.voiceprint.checkpoint.onnx.OnnxProto.ModelProto;
import io.voiceprint.checkpoint.onnx.OnnxProto.TensorProto;
import io.voiceprint.checkpoint.onnx.OnnxProto.TensorProto.DataLocation;
import io.voiceprint.model.Res2NetArchitecture.Family;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whatever becomes of an ONNX file, or of the data beside it, while a network of it is in use: the
 * process learns it from an exception. A mapping that was cut off would end it.
 */
class OnnxFileTest {
  /** What the elements are in: the file itself, or one beside it. */
  private static final String INSIDE = "model.onnx";

  private static final String BESIDE = "weights.bin";

  @TempDir Path folder;

  @BeforeEach
  void write() throws IOException {
    ModelProto.Builder onnx =
        OnnxExport.of(
            SpeakerModel.seeded(
                    new Res2NetArchitecture(
                        Family.ERES2NET,
                        80,
                        4,
                        List.of(1, 1, 1, 1),
                        32,
                        2,
                        2,
                        Pooling.TSTP,
                        7,
                        false),
                    5)
                .graph());
    ByteArrayOutputStream beside = new ByteArrayOutputStream();
    int at = 0;
    for (TensorProto.Builder tensor : onnx.getGraphBuilder().getInitializerBuilderList()) {
      if (at++ % 2 == 0) {
        ByteString bytes = tensor.getRawData();
        tensor.clearRawData().setDataLocation(DataLocation.EXTERNAL);
        tensor.addExternalDataBuilder().setKey("location").setValue(BESIDE);
        tensor.addExternalDataBuilder().setKey("offset").setValue("" + beside.size());
        tensor.addExternalDataBuilder().setKey("length").setValue("" + bytes.size());
        bytes.writeTo(beside);
      }
    }
    Files.write(folder.resolve(INSIDE), onnx.build().toByteArray());
    Files.write(folder.resolve(BESIDE), beside.toByteArray());
  }

  private StateDict open() throws CheckpointException {
    return StateDict.open(folder.resolve(INSIDE));
  }

  private static int readAll(StateDict tensors) throws CheckpointException {
    int elements = 0;
    for (String name : tensors.names()) {
      StoredTensor tensor = tensors.tensor(name);
      elements += tensor.readFloats().length;
    }
    return elements;
  }

  @Test
  void allFilesAreNamed() throws Exception {
    assertEquals(
        Set.of(folder.resolve(INSIDE), folder.resolve(BESIDE).toRealPath()), open().files());
  }

  @Test
  void itIsReadTwice() throws Exception {
    StateDict tensors = open();
    assertEquals(readAll(tensors), readAll(tensors));
    String first = tensors.names().iterator().next();
    assertArrayEquals(tensors.tensor(first).readFloats(), open().tensor(first).readFloats());
  }

  @ParameterizedTest
  @ValueSource(strings = {INSIDE, BESIDE})
  void aFileThatWasCutOffIsRefused(String name) throws Exception {
    assertRefused(name + ": ends at byte ", name, file -> file.truncate(10));
  }

  @ParameterizedTest
  @ValueSource(strings = {INSIDE, BESIDE})
  void otherBytesAreRefused(String name) throws Exception {
    assertRefused(
        "has changed since",
        name,
        file -> {
          for (long at = 0; at < file.size(); at++) {
            file.write(ByteBuffer.allocate(1), at);
          }
        });
  }

  /** What becomes of a file behind the back of who reads it. */
  private interface Damage {
    void to(FileChannel file) throws IOException;
  }

  private void assertRefused(String message, String name, Damage damage) throws Exception {
    StateDict tensors = open();
    readAll(tensors);
    try (FileChannel file = FileChannel.open(folder.resolve(name), StandardOpenOption.WRITE)) {
      damage.to(file);
    }
    var thrown = assertThrows(CheckpointException.class, () -> readAll(tensors));
    assertTrue(thrown.getMessage().contains(message), thrown.getMessage());
  }

  /** It would count as memory of the process for as long as the network lives. */
  @Test
  void noneIsMapped() throws Exception {
    Path maps = Path.of("/proc/self/maps");
    assumeTrue(Files.isReadable(maps), "only Linux says what a process has mapped");
    SpeakerModel model = SpeakerModel.load(folder.resolve(INSIDE), null);
    assertTrue(model.parameters() > 0);
    assertFalse(Files.readString(maps).contains(folder.toRealPath().toString()));
  }
}
