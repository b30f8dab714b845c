package io.voiceprint.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.voiceprint.checkpoint.CheckpointException;
import io.voiceprint.checkpoint.onnx.OnnxProto.AttributeProto;
import io.voiceprint.checkpoint.onnx.OnnxProto.ModelProto;
import io.voiceprint.checkpoint.onnx.OnnxProto.NodeProto;
import io.voiceprint.engine.Engine;
import io.voiceprint.engine.Precision;
import io.voiceprint.engine.reference.ReferenceEngine;
import io.voiceprint.golden.Golden;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files of {@code torch.onnx.export} against the checkpoints they were made from. */
class OnnxGoldenTest {
  /** The exporter folds batch norm in float32, this project in float64. */
  private static final double WEIGHT_TOLERANCE = 1e-5;

  private static final double EMBEDDING_TOLERANCE = 1e-4;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "eres2net_micro",
        "eres2net_odd",
        "eres2net_tiny",
        "eres2net_tiny_two_emb",
        "eres2netv2_tiny",
        "eres2netv2_w24s4ep4_tiny",
        "res2net_tiny",
        "ecapa_tdnn_tiny",
        "campplus_tiny"
      })
  void anExportIsItsCheckpoint(String name) throws Exception {
    SpeakerModel checkpoint = SpeakerModel.load(Golden.model(name).resolve("model.ckpt"), null);
    SpeakerModel onnx = SpeakerModel.load(Golden.model(name).resolve("model.onnx"), null);
    assertEquals(checkpoint.architecture(), onnx.architecture());
    SameGraph.assertSameGraph(checkpoint.graph(), onnx.graph(), WEIGHT_TOLERANCE);
    List<String> wavs = List.of("speech_1s", "speech_0p3s");
    try (Engine engine = new ReferenceEngine(onnx.graph(), onnx.frontEnd(), Precision.FP32, 2)) {
      for (String wav : wavs) {
        float[] embedding = engine.embedFeatures(List.of(Golden.features(wav))).get(0);
        double error = Golden.relativeL2(embedding, Golden.embedding(name, wav));
        assertTrue(error <= EMBEDDING_TOLERANCE, () -> wav + ": " + error);
      }
    }
  }

  @Test
  void theFullSizeExportIsItsCheckpoint() throws Exception {
    Path file = Golden.root().resolveSibling("bench-models").resolve("eres2net_base.onnx");
    assumeTrue(Files.exists(file), "no eres2net_base.onnx beside the golden data");
    SpeakerModel checkpoint =
        SpeakerModel.load(Golden.model("eres2net_base").resolve("model.ckpt"), null);
    SpeakerModel onnx = SpeakerModel.load(file, null);
    assertEquals(checkpoint.architecture(), onnx.architecture());
    SameGraph.assertSameGraph(checkpoint.graph(), onnx.graph(), WEIGHT_TOLERANCE);
    try (Engine engine = new ReferenceEngine(onnx.graph(), onnx.frontEnd(), Precision.FP32, 2)) {
      float[] embedding = engine.embedFeatures(List.of(Golden.features("speech_1s"))).get(0);
      double error = Golden.relativeL2(embedding, Golden.embedding("eres2net_base", "speech_1s"));
      assertTrue(error <= EMBEDDING_TOLERANCE, () -> "relative L2 " + error);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"ecapa_tdnn_tiny", "campplus_tiny"})
  void anEmptyListOfDilationsIsRefused(String name, @TempDir Path folder) throws Exception {
    byte[] whole = Files.readAllBytes(Golden.model(name).resolve("model.onnx"));
    ModelProto.Builder onnx = ModelProto.parseFrom(whole).toBuilder();
    for (NodeProto.Builder node : onnx.getGraphBuilder().getNodeBuilderList()) {
      for (AttributeProto.Builder attribute : node.getAttributeBuilderList()) {
        if (attribute.getName().equals("dilations")) {
          attribute.clearInts();
        }
      }
    }
    Path file = Files.write(folder.resolve("model.onnx"), onnx.build().toByteArray());
    var thrown = assertThrows(ModelException.class, () -> SpeakerModel.load(file, null));
    assertEquals(1, thrown.getMessage().lines().count());
  }

  /** Cut anywhere or with some bytes changed, a file is read or refused in one line. */
  @ParameterizedTest
  @ValueSource(strings = {"ecapa_tdnn_tiny", "campplus_tiny"})
  void damagedExportsAreReadOrRefusedInOneLine(String name, @TempDir Path folder) throws Exception {
    byte[] whole = Files.readAllBytes(Golden.model(name).resolve("model.onnx"));
    Random random = new Random(31);
    Path file = folder.resolve("damaged.onnx");
    int refused = 0;
    for (int round = 0; round < 200; round++) {
      byte[] bytes =
          round % 2 == 0 ? whole.clone() : Arrays.copyOf(whole, random.nextInt(whole.length));
      for (int i = 0; i < 20 && round % 2 == 0; i++) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
      }
      Files.write(file, bytes);
      try {
        var unused = SpeakerModel.load(file, null);
      } catch (CheckpointException | ModelException e) {
        refused++;
        assertEquals(1, e.getMessage().lines().count(), e.getMessage());
      }
    }
    assertTrue(refused >= 100, refused + " refused");
  }

  @ParameterizedTest
  @ValueSource(strings = {"truncated.onnx", "random.onnx", "empty.onnx"})
  void aDamagedFileEndsInOneLine(String name) {
    Path file = Golden.root().resolve("bad").resolve(name);
    var thrown = assertThrows(CheckpointException.class, () -> SpeakerModel.load(file, null));
    assertTrue(thrown.getMessage().startsWith(file.toString()), thrown.getMessage());
    assertEquals(1, thrown.getMessage().lines().count());
  }
}
