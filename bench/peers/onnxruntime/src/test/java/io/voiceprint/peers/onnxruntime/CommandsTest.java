package io.voiceprint.peers.onnxruntime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.voiceprint.bench.SeededNetwork;
import io.voiceprint.bench.report.Report;
import io.voiceprint.engine.Engine;
import io.voiceprint.engine.Precision;
import io.voiceprint.engine.reference.ReferenceEngine;
import io.voiceprint.model.SpeakerModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands as they are typed, on a network of no use but that it is small. */
final class CommandsTest {
  @TempDir private Path folder;
  private final SpeakerModel model = SeededNetwork.ERES2NET_MICRO.build();
  private Path onnx;
  private Path json;

  @BeforeEach
  void export() {
    onnx = folder.resolve("micro.onnx");
    json = folder.resolve("results.json");
    assertEquals(0, run("export --arch eres2net-micro " + onnx));
  }

  @Test
  void measuresAndHandsOverTheEmbeddings() throws IOException {
    String line = "--onnx %s --workloads 1x61,2x45 --threads 1 --seconds-per-workload 0.01";
    String features = " --features 5 --json " + json;
    assertEquals(0, Commands.execute(new Peer(), words(line.formatted(onnx) + features)));
    List<float[]> written = embeddings();
    List<float[]> expected = new ArrayList<>();
    try (Engine reference =
        new ReferenceEngine(model.graph(), model.frontEnd(), Precision.FP32, 1)) {
      expected.addAll(reference.embedFeatures(Noise.utterances(1, 61, 5)));
      expected.addAll(reference.embedFeatures(Noise.utterances(2, 45, 5)));
    }
    assertEquals(expected.size(), written.size());
    for (int i = 0; i < expected.size(); i++) {
      assertTrue(Difference.relative(written.get(i), expected.get(i)) < 1e-4, "clip " + i);
    }
    assertTrue(Report.read(List.of(json)).html().contains("2 x 0.47 s"));
  }

  @Test
  void comparesInTurnsAndMeasuresMemory() throws IOException {
    String line = "compare --arch eres2net-micro --workloads 1x0.5,2x0.5 --rounds 2 --turn 0.01";
    assertEquals(0, run(line + " --threads 1 --precision fp32 --commit abc --json " + json));
    String text = Files.readString(json);
    assertFalse(text.contains("\"refused\""), text);
    assertTrue(text.contains("voiceprint cpu fp32 on 2 x "), text);
    String html = Report.read(List.of(json)).html();
    for (String expected : List.of("Ours against others, from features", "Memory", "abc")) {
      assertTrue(html.contains(expected), expected);
    }
  }

  /** ONNX Runtime is given other weights than are compared with. */
  @Test
  void refusesTheSpeedOfAnotherNetwork() throws IOException {
    SpeakerModel other = SpeakerModel.seeded(model.architecture(), 99);
    Path file = folder.resolve("other.onnx");
    OnnxExport.write(other.graph(), file);
    String line = "compare --arch eres2net-micro --workloads 1x0.5 --rounds 1 --turn 0.01";
    assertEquals(1, run(line + " --precision fp32 --onnx " + file + " --json " + json));
    String html = Report.read(List.of(json)).html();
    assertTrue(html.contains("Refused"));
    assertFalse(html.contains("Ours against others"));
  }

  @Test
  void saysWhatCannotBeUsed() throws IOException {
    String peer = "measure --workloads 1x61 --features 1 --json " + json + " --onnx ";
    assertEquals(3, run(peer + folder.resolve("none.onnx")));
    Path broken = Files.write(folder.resolve("broken.onnx"), new byte[] {1, 2, 3});
    assertEquals(3, run(peer + broken));
    assertEquals(3, run(peer + onnx + " --device cuda"), "this build has no CUDA provider");
    assertEquals(2, run(peer + onnx + " --workloads 1"));
    assertEquals(2, run(peer + onnx + " --threads 0"));
    assertEquals(2, run("compare --arch eres2net-micro --rounds 0 --json " + json));
    assertFalse(Files.exists(json));
  }

  @Test
  void whatCannotBeWrittenIsSaidBeforeMeasuring() {
    assertEquals(2, run("compare --arch eres2net-base --json " + folder));
    assertEquals(2, run("compare --arch eres2net-base --json " + onnx + "/results.json"));
    assertEquals(2, run("measure --workloads 1x61 --features 1 --onnx none --json " + folder));
  }

  private static int run(String line) {
    return Commands.execute(new Commands(), words(line));
  }

  private static String[] words(String line) {
    return line.split(" ");
  }

  private List<float[]> embeddings() throws IOException {
    List<float[]> embeddings = new ArrayList<>();
    try (JsonParser parser = new JsonFactory().createParser(json.toFile())) {
      while (parser.nextToken() != null) {
        if (parser.currentToken() == JsonToken.START_ARRAY
            && "embeddings".equals(parser.currentName())) {
          while (parser.nextToken() == JsonToken.START_ARRAY) {
            List<Float> values = new ArrayList<>();
            while (parser.nextToken() != JsonToken.END_ARRAY) {
              values.add(parser.getFloatValue());
            }
            float[] array = new float[values.size()];
            for (int i = 0; i < array.length; i++) {
              array[i] = values.get(i);
            }
            embeddings.add(array);
          }
        }
      }
    }
    return embeddings;
  }
}
