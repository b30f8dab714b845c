package io.voiceprint.model;

import static io.voiceprint.model.SameGraph.assertSameGraph;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.voiceprint.checkpoint.CheckpointException;
import io.voiceprint.checkpoint.onnx.OnnxProto.ModelProto;
import io.voiceprint.checkpoint.onnx.OnnxProto.NodeProto;
import io.voiceprint.checkpoint.onnx.OnnxProto.TensorProto;
import io.voiceprint.graph.Node;
import io.voiceprint.graph.Tensor;
import io.voiceprint.model.Res2NetArchitecture.Family;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Networks that are exported by {@link OnnxExport}, in all the forms that exporters write, and
 * imported again.
 */
class OnnxImportTest {
  @TempDir Path folder;

  @Test
  void anyArchitectureComesBackFromItsStructureAlone() throws Exception {
    Random random = new Random(31);
    Set<Pooling> poolings = EnumSet.noneOf(Pooling.class);
    Set<Family> families = EnumSet.noneOf(Family.class);
    for (int round = 0; round < 16; round++) {
      SpeakerModel model = RandomModels.next(random);
      poolings.add(model.architecture().pooling());
      families.add(RandomModels.res2net(model).family());
      SpeakerModel read =
          SpeakerModel.load(TinyExport.write(folder, OnnxExport.of(model.graph())), null);
      assertSameGraph(model.graph(), read.graph(), 0);
      // An export has batch norm folded in: what is left of it are biases.
      assertEquals(
          read.foldedTensors().values().stream().mapToLong(tensor -> tensor.data().length).sum(),
          read.parameters());
      assertEquals(model.architecture().pooling(), read.architecture().pooling());
      assertEquals(RandomModels.res2net(model).blocks(), RandomModels.res2net(read).blocks());
    }
    assertEquals(EnumSet.allOf(Pooling.class), poolings);
    assertEquals(EnumSet.allOf(Family.class), families);
  }

  @Test
  void batchNormThatWasNotFoldedIsFolded() throws Exception {
    SpeakerModel model = TinyExport.model();
    ModelProto.Builder onnx = OnnxExport.of(model.graph());
    NodeProto.Builder conv = OnnxExport.first(onnx, "Conv");
    int channels = RandomModels.res2net(model).channels();
    String output = conv.getOutput(0);
    conv.setOutput(0, "raw");
    NodeProto.Builder norm =
        NodeProto.newBuilder().setOpType("BatchNormalization").addInput("raw").addOutput(output);
    float[][] parts = {{2}, {0.5f}, {0.25f}, {4}};
    for (int i = 0; i < 4; i++) {
      float[] values = new float[channels];
      Arrays.fill(values, parts[i][0]);
      norm.addInput("norm" + i);
      onnx.getGraphBuilder()
          .addInitializer(OnnxExport.proto("norm" + i, Tensor.of(values, channels)));
    }
    int at = TinyExport.indexOf(onnx, "Conv");
    onnx.getGraphBuilder().addNode(at + 1, norm);
    Node.Conv2d expected = (Node.Conv2d) model.graph().find("stem");
    Node.Conv2d actual =
        (Node.Conv2d) SpeakerModel.load(TinyExport.write(folder, onnx), null).graph().find("stem");
    double scale = 2 / Math.sqrt(4 + 1e-5);
    for (int i = 0; i < channels; i++) {
      assertEquals((expected.bias().data()[i] - 0.25) * scale + 0.5, actual.bias().data()[i], 1e-6);
      assertEquals(expected.weight().data()[i] * scale, actual.weight().data()[i], 1e-6);
    }
  }

  @Test
  void halfAndDoublePrecisionAndTypedListsAreRead() throws Exception {
    SpeakerModel model = TinyExport.model();
    ModelProto.Builder onnx = OnnxExport.of(model.graph());
    int index = 0;
    for (TensorProto.Builder tensor : onnx.getGraphBuilder().getInitializerBuilderList()) {
      ByteBuffer floats = tensor.getRawData().asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
      ByteBuffer doubles =
          ByteBuffer.allocate(2 * floats.remaining()).order(ByteOrder.LITTLE_ENDIAN);
      tensor.clearRawData();
      index++;
      while (floats.hasRemaining()) {
        float value = floats.getFloat();
        switch (index % 3) {
          case 0 -> tensor.addFloatData(value);
          case 1 -> tensor.addDoubleData(value);
          default -> doubles.putDouble(value);
        }
      }
      if (index % 3 == 2) {
        tensor.setRawData(ByteString.copyFrom(doubles.flip()));
      }
      tensor.setDataType(index % 3 == 0 ? 1 : 11);
    }
    assertSameGraph(
        model.graph(), SpeakerModel.load(TinyExport.write(folder, onnx), null).graph(), 0);
  }

  @Test
  void aListOfWholeNumbersIsShort() throws Exception {
    ModelProto.Builder onnx = TinyExport.onnx();
    NodeProto.Builder unsqueeze = OnnxExport.first(onnx, "Unsqueeze");
    unsqueeze.clearAttribute().addInput("axes");
    TensorProto.Builder axes =
        onnx.getGraphBuilder().addInitializerBuilder().setName("axes").setDataType(7);
    axes.addDims(1).setRawData(ByteString.copyFrom(int64(1)));
    assertSameGraph(
        TinyExport.model().graph(),
        SpeakerModel.load(TinyExport.write(folder, onnx), null).graph(),
        0);
    axes.setDims(0, 5000).setRawData(ByteString.copyFrom(int64(5000)));
    Path file = TinyExport.write(folder, onnx);
    var thrown = assertThrows(CheckpointException.class, () -> SpeakerModel.load(file, null));
    assertTrue(thrown.getMessage().contains("has 5000 whole numbers"), thrown.getMessage());
  }

  private static ByteBuffer int64(int count) {
    ByteBuffer ones = ByteBuffer.allocate(count * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < count; i++) {
      ones.putLong(1);
    }
    return ones.flip();
  }
}
