package io.voiceprint.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.voiceprint.golden.Golden;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class InfoCommandTest {

  @Test
  void describesTheDemoModel() {
    CliRun run = CliRun.of("info", CliRun.DEMO_MODEL);
    assertEquals(0, run.exitCode(), run.err());
    assertEquals("", run.err());
    List<String> lines = run.outLines();
    assertTrue(lines.get(1).startsWith("model           ERes2Net (m_channels=8, "), run.out());
    assertEquals("parameters      786,416", lines.get(2));
    assertTrue(lines.get(3).endsWith(" for 3 s (298 frames)"), run.out());
    assertEquals("embedding size  192", lines.get(4));
    assertEquals("pooling         TSTP", lines.get(5));
    assertEquals("threshold       0.5", lines.get(6));
    assertTrue(lines.contains("tensors         587"), run.out());
    assertTrue(
        run.out().contains(" float32  [8, 1, 3, 3]\n") && run.out().contains(" int64  []\n"),
        run.out());
    int stages = 14;
    assertEquals(8 + stages + 3 + 587, lines.size());
    assertTrue(
        run.out().contains("fuse_mode12") && run.out().contains("← layer2, layer1_downsample\n"),
        run.out());
  }

  @Test
  void drawsTheDiagramAsXml(@TempDir Path folder) throws Exception {
    Path svg = folder.resolve("demo.svg");
    CliRun run = CliRun.of("info", "--svg", svg, CliRun.DEMO_MODEL);
    assertEquals(0, run.exitCode(), run.err());
    var document = DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(svg.toFile());
    // A background, and a box for each of the 14 stages.
    assertEquals(15, document.getElementsByTagName("rect").getLength());
  }

  @Test
  void describesItToPrograms() {
    CliRun run = CliRun.of("info", "--json", CliRun.DEMO_MODEL);
    Map<String, Object> info = Json.object(run.out());
    assertEquals("ERes2Net", info.get("model"));
    assertEquals(786416.0, info.get("parameters"));
    assertEquals(298.0, info.get("frames"));
    assertEquals(192.0, info.get("embedding_size"));
    assertEquals("TSTP", info.get("pooling"));
    assertEquals(0.5, info.get("threshold"));
    List<?> tensors = (List<?>) info.get("tensors");
    assertEquals(587, tensors.size());
    assertTrue(
        tensors.contains(
            Map.of(
                "name", "conv1.weight", "shape", List.of(8.0, 1.0, 3.0, 3.0), "dtype", "float32")));
  }

  @Test
  void asksForThePoolingWhereWeightsDoNotTell() {
    Path model = Golden.model("eres2net_tiny_TAP").resolve("model.ckpt");
    CliRun told = CliRun.of("info", "--json", "--pooling", "tap", model);
    assertEquals(0, told.exitCode(), told.err());
    assertEquals("TAP", Json.object(told.out()).get("pooling"));
    assertFalse(Json.object(told.out()).containsKey("threshold"));
  }
}
