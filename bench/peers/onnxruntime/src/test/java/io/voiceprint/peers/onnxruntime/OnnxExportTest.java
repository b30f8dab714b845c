package io.voiceprint.peers.onnxruntime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.voiceprint.bench.SeededNetwork;
import io.voiceprint.engine.Engine;
import io.voiceprint.engine.Precision;
import io.voiceprint.engine.reference.ReferenceEngine;
import io.voiceprint.frontend.Features;
import io.voiceprint.model.Res2NetArchitecture;
import io.voiceprint.model.Res2NetArchitecture.Family;
import io.voiceprint.model.Pooling;
import io.voiceprint.model.SpeakerModel;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What ONNX Runtime computes from an exported file is what the reference engine computes. */
final class OnnxExportTest {
  private static final double BOUND = 1e-4;

  @TempDir private Path folder;

  @ParameterizedTest
  @EnumSource(
      value = SeededNetwork.class,
      names = {"ERES2NET_BASE", "ERES2NET_LARGE", "ERES2NETV2", "RES2NET", "ERES2NET_MICRO"})
  void publishedNetworksGiveTheSameEmbeddings(SeededNetwork network) throws Exception {
    check(network.build(), 61);
  }

  @ParameterizedTest
  @CsvSource({
    "ERES2NET, 2, TAP, false",
    "ERES2NET, 3, TSDP, true",
    "ERES2NETV2, 4, ASTP, false",
    "RES2NET, 4, TSTP, true",
  })
  void soDoAllPoolingsAndHeads(Family family, int scale, Pooling pooling, boolean two)
      throws Exception {
    Res2NetArchitecture architecture =
        new Res2NetArchitecture(family, 80, 8, List.of(1, 2, 1, 1), 32, scale, 2, pooling, 24, two);
    check(SpeakerModel.seeded(architecture, 1), 45);
  }

  @Test
  void voiceprintReadsTheFileAsTheSameNetwork() throws Exception {
    SpeakerModel model = SeededNetwork.ERES2NET_MICRO.build();
    Path file = folder.resolve("network.onnx");
    OnnxExport.write(model.graph(), file);
    SpeakerModel read = SpeakerModel.load(file, null);
    assertEquals(model.architecture(), read.architecture());
    List<Features> clip = Noise.utterances(1, 61, 1);
    try (Engine before = reference(model);
        Engine after = reference(read)) {
      assertTrue(
          Difference.relative(after.embedFeatures(clip).get(0), before.embedFeatures(clip).get(0))
              < 1e-6);
    }
  }

  private void check(SpeakerModel model, int frames) throws Exception {
    Path file = folder.resolve("network.onnx");
    OnnxExport.write(model.graph(), file);
    List<Features> clips = Noise.utterances(2, frames, 7);
    try (Engine reference = reference(model);
        OnnxRuntime runtime = OnnxRuntime.open(file, 2, OnnxRuntime.Provider.CPU)) {
      List<float[]> expected = reference.embedFeatures(clips);
      List<float[]> together = runtime.embed(clips);
      assertEquals(expected.size(), together.size());
      for (int i = 0; i < clips.size(); i++) {
        double error = Difference.relative(together.get(i), expected.get(i));
        assertTrue(error < BOUND, "clip " + i + " differs by " + error);
      }
    }
  }

  private static Engine reference(SpeakerModel model) {
    return new ReferenceEngine(model.graph(), model.frontEnd(), Precision.FP32, 2);
  }
}
