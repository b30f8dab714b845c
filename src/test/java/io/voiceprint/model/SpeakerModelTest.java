package io.voiceprint.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.voiceprint.checkpoint.DType;
import io.voiceprint.checkpoint.SafetensorsWriter;
import io.voiceprint.golden.Golden;
import io.voiceprint.graph.GraphCost;
import io.voiceprint.graph.Tensor;
import io.voiceprint.model.Res2NetArchitecture.Family;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is recognised in a weight file, and what is said of one that is not right. */
class SpeakerModelTest {
  @TempDir Path folder;

  static List<String> models() {
    return Golden.RES2NET_FAMILY;
  }

  @ParameterizedTest
  @MethodSource("models")
  void theArchitectureIsInferredFromTheWeights(String name) throws IOException {
    SpeakerModel model = SpeakerModel.load(Golden.model(name).resolve("model.ckpt"), null);
    String config = Files.readString(Golden.model(name).resolve("config.json"));
    Res2NetArchitecture net = RandomModels.res2net(model);
    assertEquals(number(config, "parameters"), model.parameters());
    assertEquals(number(config, "m_channels"), net.channels());
    assertEquals(number(config, "embedding_size"), net.embeddingSize());
    assertEquals(config.contains("\"two_emb_layer\": true"), net.twoEmbeddingLayers());
    assertEquals(
        config.contains("Res2Net.Res2Net\"") && !config.contains("ERes2Net")
            ? Family.RES2NET
            : config.contains("ERes2NetV2") ? Family.ERES2NETV2 : Family.ERES2NET,
        net.family());
    Matcher pooling = Pattern.compile("\"pooling_func\": \"(\\w+)\"").matcher(config);
    assertEquals(pooling.find() ? pooling.group(1) : "TSTP", net.pooling().name());
    assertEquals(OptionalDouble.empty(), model.threshold());
  }

  private static long number(String json, String key) {
    Matcher matcher = Pattern.compile("\"" + key + "\": ([0-9]+)").matcher(json);
    assertTrue(matcher.find(), key);
    return Long.parseLong(matcher.group(1));
  }

  /**
   * Multiply-accumulates of a 3 s clip as the original's modules count them (cost.csv of the
   * reference data).
   */
  @ParameterizedTest
  @CsvSource({
    "ERES2NET, 32, 32, 2, 2, 512, 5044741120",
    "ERES2NET, 32, 32, 2, 2, 192, 5041464320",
    "ERES2NETV2, 64, 26, 2, 2, 192, 12466759040",
    "RES2NET, 32, 32, 2, 2, 192, 2563712000"
  })
  void fullSizeNetworksCostWhatTheOriginalsCost(
      Family family,
      int channels,
      int baseWidth,
      int scale,
      int expansion,
      int embeddingSize,
      long macs) {
    SpeakerModel model =
        SpeakerModel.seeded(
            new Res2NetArchitecture(
                family,
                80,
                channels,
                List.of(3, 4, 6, 3),
                baseWidth,
                scale,
                expansion,
                Pooling.TSTP,
                embeddingSize,
                false),
            1);
    assertEquals(macs, GraphCost.macs(model.graph(), 298));
    assertEquals(9, model.graph().minFrames());
  }

  @Test
  void seededWeightsRepeat() {
    Res2NetArchitecture net = RandomModels.res2net(RandomModels.next(new Random(1)));
    SpeakerModel a = SpeakerModel.seeded(net, 7);
    SpeakerModel b = SpeakerModel.seeded(net, 7);
    Tensor stemA = ((io.voiceprint.graph.Node.Conv2d) a.graph().find("stem")).weight();
    Tensor stemB = ((io.voiceprint.graph.Node.Conv2d) b.graph().find("stem")).weight();
    assertArrayEquals(stemA.data(), stemB.data());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "missing_key.ckpt | missing key layer2.0.conv1.weight [4, 4, 1, 1]",
        "wrong_shape.ckpt | key conv1.weight has shape [2, 1, 5, 5], expected [2, 1, 3, 3]",
        "wrong_shape_seg.ckpt | key seg_1.weight has shape [8, 639], expected [8, 640]",
        "extra_key.ckpt | unexpected key surprise.weight",
        "negative_variance.ckpt | negative variance",
      })
  void faultyKeysAreListedWithTheModelThatWasRecognised(String file, String reason) {
    Path path = Golden.root().resolve("bad").resolve(file);
    var thrown = assertThrows(ModelException.class, () -> SpeakerModel.load(path, null));
    assertTrue(thrown.getMessage().contains(path.toString()), thrown.getMessage());
    assertTrue(
        thrown.getMessage().contains("recognised as ERes2Net (m_channels=2"), thrown.getMessage());
    assertTrue(thrown.getMessage().contains(reason), thrown.getMessage());
    assertEquals(1, thrown.getMessage().lines().count());
  }

  @ParameterizedTest
  @ValueSource(strings = {"ecapa_tdnn_tiny", "campplus_tiny"})
  void theSizesOfTemporalNetworksAreInferredFromTheWeights(String name) throws IOException {
    Path alone = folder.resolve("model.ckpt");
    Files.copy(Golden.model(name).resolve("model.ckpt"), alone);
    SpeakerModel model = SpeakerModel.load(alone, null);
    String config = Files.readString(Golden.model(name).resolve("config.json"));
    assertEquals(number(config, "parameters"), model.parameters());
    assertEquals(
        name.startsWith("ecapa")
            ? new EcapaTdnnArchitecture(
                80,
                List.of(32, 32, 32, 32, 96),
                List.of(5, 3, 3, 3, 1),
                List.of(1, 2, 3, 4, 1),
                16,
                8,
                16,
                64)
            : new CamPlusPlusArchitecture(
                80, 32, List.of(2, 2), 32, List.of(12, 24, 16), 8, 16, 8, 64),
        model.architecture());
    var thrown = assertThrows(ModelException.class, () -> SpeakerModel.load(alone, Pooling.TAP));
    assertTrue(thrown.getMessage().contains("pooling TAP was asked for"), thrown.getMessage());
  }

  /** Tensors without elements can have any extents, and a file of them no bytes of weights. */
  @Test
  void sizesThatNoNetworkHasAreRefused() throws IOException {
    Map<String, int[]> res2net = new TreeMap<>();
    res2net.put("fuse34.local_att.0.weight", new int[] {1});
    res2net.put("conv1.weight", new int[] {1 << 29, 0});
    for (int stage = 1; stage <= 4; stage++) {
      res2net.put("layer" + stage + ".0.conv3.weight", new int[] {1});
    }
    res2net.put("layer1.0.convs.0.weight", new int[] {1});
    res2net.put("seg_1.weight", new int[] {1});
    refuses(res2net, "m_channels=536870912; at most 4096");
    Map<String, int[]> ecapa = new TreeMap<>();
    ecapa.put("blocks.0.conv.conv.weight", new int[] {8, 2048, 5});
    ecapa.put("blocks.1.tdnn2.conv.conv.weight", new int[] {8, 8, 1});
    ecapa.put("blocks.1.res2net_block.blocks.0.conv.conv.weight", new int[] {4, 4, 3});
    ecapa.put("blocks.1.se_block.conv1.conv.weight", new int[] {4, 8, 1});
    ecapa.put("mfa.conv.conv.weight", new int[] {8, 8, 1});
    ecapa.put("asp.tdnn.conv.conv.weight", new int[] {4, 24, 1});
    ecapa.put("fc.conv.weight", new int[] {5, 16, 1});
    refuses(ecapa, "ECAPA-TDNN for 2048 mel bins; at most 1024");
  }

  private void refuses(Map<String, int[]> shapes, String reason) throws IOException {
    SafetensorsWriter writer = new SafetensorsWriter();
    shapes.forEach(
        (name, shape) ->
            writer.add(
                name,
                DType.FLOAT32,
                shape,
                new float[Arrays.stream(shape).reduce(1, (a, b) -> a * b)]));
    Path path = folder.resolve("crafted.safetensors");
    writer.write(path);
    var thrown = assertThrows(ModelException.class, () -> SpeakerModel.load(path, null));
    assertTrue(thrown.getMessage().contains(reason), thrown.getMessage());
  }

  @Test
  void anotherNetworkIsSaidToBeUnknown() throws IOException {
    Path path = folder.resolve("transformer.safetensors");
    new SafetensorsWriter()
        .add("encoder.attention.weight", DType.FLOAT32, new int[] {2, 2}, new float[4])
        .write(path);
    var thrown = assertThrows(ModelException.class, () -> SpeakerModel.load(path, null));
    assertTrue(
        thrown.getMessage().contains("not a network that is known here"), thrown.getMessage());
  }

  @Test
  void poolingThatTheWeightsDoNotTellMustBeSaid() throws IOException {
    Path alone = copy("eres2net_tiny_TAP");
    var thrown = assertThrows(ModelException.class, () -> SpeakerModel.load(alone, null));
    assertTrue(
        thrown.getMessage().contains("--pooling TAP or --pooling TSDP"), thrown.getMessage());
    assertEquals(Pooling.TAP, SpeakerModel.load(alone, Pooling.TAP).architecture().pooling());
    assertEquals(Pooling.TSDP, SpeakerModel.load(alone, Pooling.TSDP).architecture().pooling());
    assertThrows(ModelException.class, () -> SpeakerModel.load(alone, Pooling.TSTP));
    Files.writeString(folder.resolve("config.json"), "{\"args\": {\"pooling_func\": \"TSDP\"}}");
    assertEquals(Pooling.TSDP, SpeakerModel.load(alone, null).architecture().pooling());
  }

  @Test
  void aConfigurationThatContradictsTheWeightsIsAnError() throws IOException {
    Path model = copy("eres2net_micro");
    for (String config :
        List.of(
            "{\"m_channels\": 64}",
            "{\"args\": {\"num_blocks\": [3, 4, 23, 3]}}",
            "{\"pooling_func\": \"TAP\"}",
            "{\"pooling_func\": \"MAX\"}",
            "{\"feat_dim\": 81}",
            "{\"threshold\": \"high\"}",
            "[]",
            "{\"args\": ")) {
      Files.writeString(folder.resolve("config.json"), config);
      var thrown = assertThrows(ModelException.class, () -> SpeakerModel.load(model, null), config);
      assertTrue(
          thrown.getMessage().contains("config.json") || config.contains("TAP"),
          thrown.getMessage());
    }
  }

  @Test
  void theThresholdComesFromTheConfiguration() throws IOException {
    Path model = copy("eres2net_micro");
    Files.writeString(
        folder.resolve("config.json"),
        "{\"args\": {\"m_channels\": 2, \"num_blocks\": [3, 4, 6, 3], \"other\": [[1], {\"a\": 2}]},"
            + " \"nested\": {\"m_channels\": 9}, \"threshold\": 0.25, \"nothing\": null}");
    assertEquals(OptionalDouble.of(0.25), SpeakerModel.load(model, null).threshold());
  }

  private Path copy(String model) throws IOException {
    return Files.copy(Golden.model(model).resolve("model.ckpt"), folder.resolve("model.ckpt"));
  }
}
