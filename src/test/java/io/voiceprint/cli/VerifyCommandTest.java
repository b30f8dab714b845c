package io.voiceprint.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class VerifyCommandTest {
  private static final Path SAMPLES = CliRun.DEMO.resolve("samples");

  @TempDir private Path folder;

  /** The scores are those of the model card, which come from the original code. */
  @ParameterizedTest
  @CsvSource({
    "voice_a_1, voice_a_2, 0.85, true",
    "voice_b_1, voice_b_2, 0.81, true",
    "voice_c_1, voice_c_2, 0.94, true",
    "voice_a_1, voice_b_1, 0.04, false",
    "voice_a_2, voice_b_2, 0.20, false",
    "voice_a_1, voice_c_1, 0.16, false",
    "voice_b_1, voice_c_2, -0.01, false"
  })
  void tellsTheDemoVoicesApart(String a, String b, double score, boolean same) {
    Path first = SAMPLES.resolve(a + ".wav");
    Path second = SAMPLES.resolve(b + ".wav");
    CliRun run = CliRun.of("verify", "--json", first, second);
    assertEquals(0, run.exitCode(), run.err());
    assertEquals(1, run.outLines().size());
    Map<String, Object> result = run.objects().get(0);
    assertEquals(List.of("a", "b", "score", "threshold", "same"), List.copyOf(result.keySet()));
    assertEquals(first.toString(), result.get("a"));
    assertEquals(second.toString(), result.get("b"));
    assertEquals(score, (double) result.get("score"), 0.0051);
    assertEquals(0.5, result.get("threshold"));
    assertEquals(same, result.get("same"));
  }

  @Test
  void tellsPeopleScoreDecisionAndTime() throws IOException {
    Path a = Wavs.noise(folder.resolve("a.wav"), 1);
    CliRun same = CliRun.of("verify", a, a);
    assertEquals(0, same.exitCode(), same.err());
    assertTrue(same.out().contains("score      1.0000 (cosine)\n"), same.out());
    assertTrue(same.out().contains("decision   the same speaker\n"), same.out());
    assertTrue(same.out().contains("\ntime "), same.out());

    Path b = Wavs.noise(folder.resolve("b.wav"), 2);
    CliRun different = CliRun.of("verify", "--threshold", "1", a, b);
    assertEquals(0, different.exitCode());
    assertTrue(different.out().contains("decision   different speakers\n"), different.out());
  }

  @Test
  void makesNoDecisionWithoutAThreshold() throws IOException {
    Path model = Files.copy(CliRun.DEMO_MODEL, folder.resolve("model.safetensors"));
    Path a = Wavs.noise(folder.resolve("a.wav"), 1);
    CliRun json = CliRun.of("verify", "--model", model, "--json", a, a);
    assertEquals(0, json.exitCode(), json.err());
    assertEquals(List.of("a", "b", "score"), List.copyOf(json.objects().get(0).keySet()));
    CliRun text = CliRun.of("verify", "--model", model, a, a);
    assertTrue(text.out().contains("--threshold"), text.out());
    CliRun given = CliRun.of("verify", "--model", model, "--threshold=-1", "--json", a, a);
    assertEquals(true, given.objects().get(0).get("same"));
  }

  @Test
  void failsWithoutOutputWhereAFileDoes() throws IOException {
    Path a = Wavs.noise(folder.resolve("a.wav"), 1);
    CliRun run = CliRun.of("verify", "-q", "--json", a, folder.resolve("none.wav"));
    assertEquals(1, run.exitCode());
    assertEquals("", run.out());
    assertEquals("voiceprint: " + folder + "/none.wav: no such file\n", run.err());
  }

  @ParameterizedTest
  @ValueSource(strings = {"1.01", "-2", "NaN", "much"})
  void refusesWhatIsNoCosine(String threshold) throws IOException {
    Path a = Wavs.noise(folder.resolve("a.wav"), 1);
    CliRun run = CliRun.of("verify", "--threshold=" + threshold, a, a);
    assertEquals(2, run.exitCode());
    assertEquals("", run.out());
    assertEquals(1, run.errLines().size(), run.err());
  }
}
