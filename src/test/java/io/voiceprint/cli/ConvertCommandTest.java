package io.voiceprint.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.voiceprint.golden.Golden;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ConvertCommandTest {
  @TempDir private Path folder;
  private Path wav;

  @BeforeEach
  void writeAudio() throws IOException {
    wav = Wavs.noise(folder.resolve("audio/a.wav"), 1);
  }

  @Test
  void keepsEveryBitUnfolded() {
    Path out = folder.resolve("new/model.safetensors");
    CliRun run = CliRun.of("convert", CliRun.DEMO_MODEL, out);
    assertEquals(0, run.exitCode(), run.err());
    assertEquals("", run.out());
    assertTrue(run.err().contains("num_batches_tracked"), run.err());
    assertArrayEquals(embedding(CliRun.DEMO_MODEL), embedding(out));
    Map<String, Object> info = info(out);
    assertEquals(0.5, info.get("threshold"));
    assertFalse(info.toString().contains("num_batches_tracked"), "counters are left out");
  }

  @Test
  void foldsWithinRounding() {
    Path out = folder.resolve("folded.safetensors");
    assertEquals(0, CliRun.of("convert", "--fold", CliRun.DEMO_MODEL, out).exitCode());
    assertClose(embedding(CliRun.DEMO_MODEL), embedding(out), 1e-5);
    assertFalse(info(out).toString().contains("running_mean"), "batch norm is folded");
    assertEquals(0.5, info(out).get("threshold"));

    Path again = folder.resolve("again.safetensors");
    assertEquals(0, CliRun.of("convert", "--fold", out, again).exitCode());
    assertArrayEquals(embedding(out), embedding(again), "folding twice is folding once");
  }

  @Test
  void givesTheWeightsOfOnnxTheirNames() {
    Path onnx = Golden.model("eres2net_micro").resolve("model.onnx");
    Path out = folder.resolve("named.safetensors");
    CliRun run = CliRun.of("convert", onnx, out);
    assertEquals(0, run.exitCode(), run.err());
    assertArrayEquals(embedding(onnx), embedding(out));
    assertTrue(info(out).toString().contains("layer1.0.conv1.weight"), "names of a checkpoint");
  }

  @Test
  void halvesTheSize() throws IOException {
    Path full = folder.resolve("full.safetensors");
    Path half = folder.resolve("half.safetensors");
    assertEquals(0, CliRun.of("convert", "--fold", CliRun.DEMO_MODEL, full).exitCode());
    assertEquals(
        0, CliRun.of("convert", "--fold", "--dtype", "FP16", CliRun.DEMO_MODEL, half).exitCode());
    assertTrue(Files.size(half) < 0.6 * Files.size(full));
    assertTrue(info(half).toString().contains("float16"));
    // Weights of 11 significant bits: each product is off by up to 2^-11 = 5e-4.
    assertClose(embedding(CliRun.DEMO_MODEL), embedding(half), 1e-2);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "eres2net_micro",
        "eres2net_tiny_two_emb",
        "eres2net_tiny_TSDP",
        "eres2net_tiny_ASTP",
        "eres2netv2_tiny",
        "res2net_tiny"
      })
  void carriesAllThatALoaderNeeds(String name) throws IOException {
    // Copied away from its config.json, so that all it says must be in the converted file.
    Path in = Golden.model(name).resolve("model.ckpt");
    String pooling = name.endsWith("TSDP") ? "TSDP" : name.endsWith("ASTP") ? "ASTP" : "TSTP";
    Path plain = folder.resolve("plain.safetensors");
    Path folded = folder.resolve("folded.safetensors");
    CliRun run = CliRun.of("convert", "--pooling", pooling, in, plain);
    assertEquals(0, run.exitCode(), run.err());
    assertEquals(0, CliRun.of("convert", "--fold", "--pooling", pooling, in, folded).exitCode());
    float[] expected = embedding(in, "--pooling", pooling);
    assertArrayEquals(expected, embedding(plain));
    assertClose(expected, embedding(folded), 1e-5);
    assertEquals(pooling, info(folded).get("pooling"));
  }

  @Test
  void keepsWhatIsThereUnlessForced() throws IOException {
    Path out = Files.writeString(folder.resolve("out.safetensors"), "older");
    CliRun refused = CliRun.of("convert", CliRun.DEMO_MODEL, out);
    assertEquals(2, refused.exitCode());
    assertTrue(refused.err().contains("--force"), refused.err());
    assertEquals("older", Files.readString(out));
    assertEquals(0, CliRun.of("convert", "--force", CliRun.DEMO_MODEL, out).exitCode());
    assertArrayEquals(embedding(CliRun.DEMO_MODEL), embedding(out));
    assertEquals(2, CliRun.of("convert", "--force", out, out).exitCode());
  }

  @Test
  void leavesNothingBehindWhereTheSourceIsNoModel() throws IOException {
    Path out = folder.resolve("out/model.safetensors");
    CliRun run = CliRun.of("convert", wav, out);
    assertEquals(3, run.exitCode());
    assertEquals(1, run.errLines().size(), run.err());
    assertFalse(Files.exists(out.getParent()));
    // What is in the way makes the file that was written unreadable as this model.
    Path config = Files.writeString(folder.resolve("config.json"), "not JSON");
    assertEquals(
        3, CliRun.of("convert", CliRun.DEMO_MODEL, folder.resolve("m.safetensors")).exitCode());
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(List.of(wav.getParent(), config), files.sorted().toList());
    }
  }

  private float[] embedding(Path model, Object... options) {
    Object[] command = new Object[options.length + 5];
    System.arraycopy(options, 0, command, 5, options.length);
    command[0] = "embed";
    command[1] = "-q";
    command[2] = "--model";
    command[3] = model;
    command[4] = wav;
    CliRun run = CliRun.of(command);
    assertEquals(0, run.exitCode(), run.err());
    return Json.floats(run.objects().get(0).get("embedding"));
  }

  private static Map<String, Object> info(Path model) {
    return Json.object(CliRun.of("info", "--json", model).out());
  }

  private static void assertClose(float[] expected, float[] actual, double bound) {
    double[] wide = new double[expected.length];
    for (int i = 0; i < wide.length; i++) {
      wide[i] = expected[i];
    }
    double error = Golden.relativeL2(actual, wide);
    assertTrue(error <= bound, () -> "relative error " + error);
  }
}
