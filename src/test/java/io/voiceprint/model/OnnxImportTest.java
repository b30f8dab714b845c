package io.voiceprint.model;

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
import io.voiceprint.graph.Graph;
import io.voiceprint.graph.Node;
import io.voiceprint.graph.Tensor;
import io.voiceprint.model.Res2NetArchitecture.Family;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Networks that are exported by {@link OnnxExport}, some of them changed, and imported again. */
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
      SpeakerModel read = SpeakerModel.load(write(OnnxExport.of(model.graph())), null);
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
    SpeakerModel model = tiny();
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
    int at = indexOf(onnx, "Conv");
    onnx.getGraphBuilder().addNode(at + 1, norm);
    Node.Conv2d expected = (Node.Conv2d) model.graph().find("stem");
    Node.Conv2d actual = (Node.Conv2d) SpeakerModel.load(write(onnx), null).graph().find("stem");
    double scale = 2 / Math.sqrt(4 + 1e-5);
    for (int i = 0; i < channels; i++) {
      assertEquals((expected.bias().data()[i] - 0.25) * scale + 0.5, actual.bias().data()[i], 1e-6);
      assertEquals(expected.weight().data()[i] * scale, actual.weight().data()[i], 1e-6);
    }
  }

  @Test
  void halfAndDoublePrecisionAndTypedListsAreRead() throws Exception {
    SpeakerModel model = tiny();
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
    assertSameGraph(model.graph(), SpeakerModel.load(write(onnx), null).graph(), 0);
  }

  @Test
  void aLookAlikeIsRefusedNamingTheNode() throws Exception {
    refused("clips to [0.0, 6.0], expected [0.0, 20.0]", this::clipAtSix);
    refused("Sigmoid \"v", onnx -> OnnxExport.first(onnx, "Tanh").setOpType("Sigmoid"));
    refused("Tanh (gate of the fusion)", onnx -> OnnxExport.first(onnx, "Tanh").setOpType("Relu"));
    refused("Sigmoid (SiLU", onnx -> OnnxExport.first(onnx, "Sigmoid").setOpType("Softplus"));
    refused("Clip, end of a residual block", this::withoutStemActivation);
    refused("has group=2.0, expected 1.0", onnx -> attribute(onnx, "Conv", "group", 2));
    refused("expected [1.0, 1.0", onnx -> attribute(onnx, "Conv", "pads", 0, 0, 0, 0));
    refused("axes", onnx -> attribute(onnx, "Unsqueeze", "axes", 2));
    refused(
        "Softsign \"a?b\"",
        onnx -> OnnxExport.first(onnx, "Tanh").setOpType("Softsign").setName("a\nb"));
    refused("perm", onnx -> attribute(onnx, "Transpose", "perm", 0, 1, 2));
    refused("keepdims", onnx -> attribute(onnx, "ReduceMean", "keepdims", 1));
    refused("splits into", onnx -> attribute(onnx, "Split", "split", 1, 5));
    refused("other.domain::Relu", onnx -> OnnxExport.first(onnx, "Relu").setDomain("other.domain"));
    refused("expected one of features", onnx -> onnx.getGraphBuilder().addOutputBuilder());
    refused(
        "(utterances, frames, 80)",
        onnx ->
            onnx.getGraphBuilder()
                .getInputBuilder(0)
                .getTypeBuilder()
                .getTensorTypeBuilder()
                .getShapeBuilder()
                .getDimBuilder(2)
                .setDimValue(72));
  }

  /** An empty name is no value: it has no producer, and any number of nodes may "compute" it. */
  @Test
  void whatANodeLeavesOutIsNoValue() throws Exception {
    ModelProto.Builder onnx = OnnxExport.of(tiny().graph());
    OnnxExport.first(onnx, "Relu").addOutput("");
    OnnxExport.first(onnx, "Tanh").addOutput("");
    assertSameGraph(tiny().graph(), SpeakerModel.load(write(onnx), null).graph(), 0);
    refused(
        "input \"\" stands where Gemm",
        of -> {
          GraphProto.Builder graph = of.getGraphBuilder();
          NodeProto.Builder identity = NodeProto.newBuilder().setOpType("Identity").addInput("");
          graph.addNode(identity.clone().addOutput("")).addNode(identity.addOutput("out"));
          graph.getOutputBuilder(0).setName("out");
        });
  }

  @Test
  void aListOfWholeNumbersIsShort() throws Exception {
    ModelProto.Builder onnx = OnnxExport.of(tiny().graph());
    NodeProto.Builder unsqueeze = OnnxExport.first(onnx, "Unsqueeze");
    unsqueeze.clearAttribute().addInput("axes");
    TensorProto.Builder axes =
        onnx.getGraphBuilder().addInitializerBuilder().setName("axes").setDataType(7);
    axes.addDims(1).setRawData(ByteString.copyFrom(int64(1)));
    assertSameGraph(tiny().graph(), SpeakerModel.load(write(onnx), null).graph(), 0);
    axes.setDims(0, 5000).setRawData(ByteString.copyFrom(int64(5000)));
    Path file = write(onnx);
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

  private void clipAtSix(ModelProto.Builder onnx) {
    String bound = OnnxExport.first(onnx, "Clip").getInput(2);
    for (NodeProto.Builder node : onnx.getGraphBuilder().getNodeBuilderList()) {
      if (node.getOutput(0).equals(bound)) {
        node.getAttributeBuilder(0).getTBuilder().setFloatData(0, 6);
      }
    }
  }

  /** Leaves a node out: what read its output reads its input. */
  private void withoutStemActivation(ModelProto.Builder onnx) {
    NodeProto.Builder relu = OnnxExport.first(onnx, "Relu");
    String output = relu.getOutput(0);
    String input = relu.getInput(0);
    onnx.getGraphBuilder().removeNode(indexOf(onnx, "Relu"));
    for (NodeProto.Builder node : onnx.getGraphBuilder().getNodeBuilderList()) {
      for (int i = 0; i < node.getInputCount(); i++) {
        if (node.getInput(i).equals(output)) {
          node.setInput(i, input);
        }
      }
    }
  }

  private static void attribute(ModelProto.Builder onnx, String op, String name, long... values) {
    NodeProto.Builder node = OnnxExport.first(onnx, op);
    for (int i = 0; i < node.getAttributeCount(); i++) {
      if (node.getAttribute(i).getName().equals(name)) {
        node.setAttribute(i, OnnxExport.integers(name, values));
      }
    }
  }

  private void refused(String reason, Consumer<ModelProto.Builder> change) throws IOException {
    ModelProto.Builder onnx = OnnxExport.of(tiny().graph());
    change.accept(onnx);
    Path file = write(onnx);
    var thrown = assertThrows(ModelException.class, () -> SpeakerModel.load(file, null), reason);
    assertTrue(thrown.getMessage().contains(reason), thrown.getMessage());
    assertTrue(thrown.getMessage().startsWith(file.toString()), thrown.getMessage());
    assertEquals(1, thrown.getMessage().lines().count());
  }

  @Test
  void anotherPoolingThanTheGraphComputesIsRefused() throws Exception {
    Path file = write(OnnxExport.of(tiny().graph()));
    assertEquals(Pooling.TSTP, SpeakerModel.load(file, Pooling.TSTP).architecture().pooling());
    var thrown = assertThrows(ModelException.class, () -> SpeakerModel.load(file, Pooling.TAP));
    assertTrue(thrown.getMessage().contains("computes TSTP"), thrown.getMessage());
  }

  @ParameterizedTest
  @CsvSource({
    "sample_rate, 16000, 8000",
    "normalize_samples, 1, 0",
    "feature_normalize_type, global-mean, ''",
    "feature_normalize_type, global-mean, per_feature",
    "output_dim, 7, 192",
    "framework, 3d-speaker, wespeaker",
    "framework, 3D-Speaker, nemo",
    "m_channels, 4, 32",
    "pooling_func, TSTP, TSDP",
    "feat_dim, 80, 64",
  })
  void metadataIsMetOrRefused(String key, String met, String notMet) throws Exception {
    ModelProto.Builder onnx = OnnxExport.of(tiny().graph());
    onnx.addMetadataPropsBuilder().setKey(key).setValue(met);
    SpeakerModel.load(write(onnx), null);
    onnx.getMetadataPropsBuilder(0).setValue(notMet);
    Path file = write(onnx);
    var thrown = assertThrows(ModelException.class, () -> SpeakerModel.load(file, null));
    assertTrue(thrown.getMessage().contains(key + "=" + notMet), thrown.getMessage());
  }

  @Test
  void theThresholdComesFromTheMetadata() throws Exception {
    ModelProto.Builder onnx = OnnxExport.of(tiny().graph());
    onnx.addMetadataPropsBuilder().setKey("threshold").setValue("0.365");
    assertEquals(0.365, SpeakerModel.load(write(onnx), null).threshold().getAsDouble());
  }

  @Test
  void dataBesideTheModelIsReadAndDataElsewhereIsNot() throws Exception {
    SpeakerModel model = tiny();
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
    Path file = write(ModelProto.newBuilder().setIrVersion(6).setGraph(graph));
    var thrown = assertThrows(CheckpointException.class, () -> SpeakerModel.load(file, null));
    assertTrue(thrown.getMessage().contains("description of the network"), thrown.getMessage());
  }

  @Test
  void valuesThatAreNotFiniteAndShapesThatDoNotFitAreRefused() throws Exception {
    ModelProto.Builder onnx = OnnxExport.of(tiny().graph());
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
      Path file = write(onnx);
      assertThrows(CheckpointException.class, () -> SpeakerModel.load(file, null));
    }
  }

  @Test
  void damageEndsInAMessage() throws Exception {
    byte[] valid = OnnxExport.of(tiny().graph()).build().toByteArray();
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

  /** ERes2Net with one block per stage. */
  private static SpeakerModel tiny() {
    return SpeakerModel.seeded(
        new Res2NetArchitecture(
            Family.ERES2NET, 80, 4, List.of(1, 1, 1, 1), 32, 2, 2, Pooling.TSTP, 7, false),
        5);
  }

  private static int indexOf(ModelProto.Builder onnx, String op) {
    List<NodeProto> nodes = onnx.getGraph().getNodeList();
    for (int i = 0; i < nodes.size(); i++) {
      if (nodes.get(i).getOpType().equals(op)) {
        return i;
      }
    }
    throw new AssertionError(op);
  }

  private Path write(ModelProto.Builder onnx) throws IOException {
    return Files.write(folder.resolve("export.onnx"), onnx.build().toByteArray());
  }

  /** Same nodes, and weights within a tolerance relative to the largest of each tensor. */
  static void assertSameGraph(Graph expected, Graph actual, double tolerance) throws Exception {
    assertEquals(expected.nodes().size(), actual.nodes().size());
    for (int i = 0; i < expected.nodes().size(); i++) {
      Node node = expected.nodes().get(i);
      assertEquals(node.getClass(), actual.nodes().get(i).getClass());
      for (RecordComponent component : node.getClass().getRecordComponents()) {
        Object a = component.getAccessor().invoke(node);
        Object b = component.getAccessor().invoke(actual.nodes().get(i));
        String what = node.name() + "." + component.getName();
        if (a instanceof Tensor tensor) {
          assertClose(tensor, (Tensor) b, tolerance, what);
        } else {
          assertEquals(a, b, what);
        }
      }
    }
  }

  private static void assertClose(Tensor a, Tensor b, double tolerance, String what) {
    assertTrue(a.hasShape(b.shape()), what);
    double largest = 0;
    for (float value : a.data()) {
      largest = Math.max(largest, Math.abs(value));
    }
    for (int i = 0; i < a.data().length; i++) {
      assertEquals(a.data()[i], b.data()[i], tolerance * largest, what);
    }
  }
}
