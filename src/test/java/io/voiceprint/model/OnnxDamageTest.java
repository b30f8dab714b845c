package io.voiceprint.model;

import static io.voiceprint.model.SameGraph.assertSameGraph;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.voiceprint.checkpoint.CheckpointException;
import io.voiceprint.checkpoint.onnx.OnnxProto.GraphProto;
import io.voiceprint.checkpoint.onnx.OnnxProto.ModelProto;
import io.voiceprint.checkpoint.onnx.OnnxProto.NodeProto;
import io.voiceprint.checkpoint.onnx.OnnxProto.TensorProto;
import io.voiceprint.checkpoint.onnx.OnnxProto.TensorProto.DataLocation;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** ONNX files that are damaged, or meant to do harm. */
class OnnxDamageTest {
  @TempDir Path folder;

  @Test
  void dataBesideTheModelIsReadAndDataElsewhereIsNot() throws Exception {
    SpeakerModel model = TinyExport.model();
    Path models = Files.createDirectory(folder.resolve("models"));
    Path file = models.resolve("model.onnx");
    ModelProto.Builder onnx = OnnxExport.of(model.graph());
    TensorProto.Builder tensor = onnx.getGraphBuilder().getInitializerBuilder(0);
    byte[] bytes = tensor.getRawData().toByteArray();
    Files.write(folder.resolve("outside.bin"), bytes);
    Files.write(models.resolve("weights.bin"), bytes);
    Files.createSymbolicLink(models.resolve("link.bin"), folder.resolve("outside.bin"));
    tensor.clearRawData().setDataLocation(DataLocation.EXTERNAL);
    var location = tensor.addExternalDataBuilder().setKey("location");
    location.setValue("weights.bin");
    Files.write(file, onnx.build().toByteArray());
    assertSameGraph(model.graph(), SpeakerModel.load(file, null).graph(), 0);
    for (String elsewhere :
        List.of(
            "../outside.bin",
            folder.resolve("outside.bin").toString(),
            "link.bin",
            "missing.bin",
            ".",
            "",
            "a\0b")) {
      location.setValue(elsewhere);
      Files.write(file, onnx.build().toByteArray());
      var thrown =
          assertThrows(CheckpointException.class, () -> SpeakerModel.load(file, null), elsewhere);
      assertEquals(1, thrown.getMessage().lines().count(), thrown.getMessage());
    }
    location.setValue("weights.bin");
    for (String offset : List.of("1", "-1", "9223372036854775807", "x")) {
      tensor.clearExternalData().addExternalData(location.clone());
      tensor.addExternalDataBuilder().setKey("offset").setValue(offset);
      Files.write(file, onnx.build().toByteArray());
      assertThrows(CheckpointException.class, () -> SpeakerModel.load(file, null), offset);
    }
  }

  @Test
  void aLargeDescriptionIsRefusedBeforeItIsBuilt() throws Exception {
    GraphProto.Builder graph = GraphProto.newBuilder();
    String name = "n".repeat(1 << 10);
    for (int i = 0; i < 1 << 12; i++) {
      graph.addNode(NodeProto.newBuilder().setName(name));
    }
    Path file = TinyExport.write(folder, ModelProto.newBuilder().setIrVersion(6).setGraph(graph));
    var thrown = assertThrows(CheckpointException.class, () -> SpeakerModel.load(file, null));
    assertTrue(thrown.getMessage().contains("description of the network"), thrown.getMessage());
  }

  @Test
  void valuesThatAreNotFiniteAndShapesThatDoNotFitAreRefused() throws Exception {
    ModelProto.Builder onnx = TinyExport.onnx();
    TensorProto.Builder tensor = onnx.getGraphBuilder().getInitializerBuilder(0);
    TensorProto valid = tensor.build();
    byte[] bytes = valid.getRawData().toByteArray();
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putFloat(0, Float.NaN);
    for (TensorProto damaged :
        List.of(
            valid.toBuilder().setRawData(ByteString.copyFrom(bytes)).build(),
            valid.toBuilder().setDims(0, 1L << 40).build(),
            valid.toBuilder().setDims(0, -1).build(),
            valid.toBuilder().setDims(0, valid.getDims(0) + 1).build(),
            valid.toBuilder().addAllDims(List.of(1L << 31, 1L << 31, 1L << 2)).build(),
            valid.toBuilder().setDataType(8).build(),
            valid.toBuilder().clearRawData().build())) {
      onnx.getGraphBuilder().setInitializer(0, damaged);
      Path file = TinyExport.write(folder, onnx);
      assertThrows(CheckpointException.class, () -> SpeakerModel.load(file, null));
    }
  }

  @Test
  void damageEndsInAMessage() throws Exception {
    byte[] valid = TinyExport.onnx().build().toByteArray();
    Random random = new Random(77);
    Path file = folder.resolve("fuzz.onnx");
    int refused = 0;
    for (int round = 0; round < 150; round++) {
      byte[] bytes = valid.clone();
      for (int i = 0; i <= random.nextInt(4); i++) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
      }
      if (round % 10 == 0) {
        bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length));
      }
      Files.write(file, bytes);
      try {
        SpeakerModel.load(file, null);
      } catch (CheckpointException | ModelException e) {
        assertFalse(e.getMessage().isBlank());
        refused++;
      } catch (RuntimeException | Error e) {
        throw new AssertionError("round " + round, e);
      }
    }
    assertTrue(refused > 20, "refused " + refused);
  }
}
