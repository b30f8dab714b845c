package io.voiceprint.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.voiceprint.process.ChildProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class HelpTest {
  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "embed",
        "verify",
        "info",
        "convert",
        "doctor",
        "tune",
        "bench",
        "serve",
        "load",
        "completion"
      })
  void teachesByExample(String command) {
    CliRun run = command.isEmpty() ? CliRun.of("--help") : CliRun.of(command, "--help");
    assertEquals(0, run.exitCode());
    assertEquals("", run.err());
    assertTrue(run.out().startsWith("Usage: voiceprint"), run.out());
    assertTrue(run.out().contains("Examples:\n  "), run.out());
    assertTrue(run.out().contains("    voiceprint " + command) || command.equals("completion"));
  }

  @Test
  void saysWhetherACommandMustFollow() {
    assertTrue(CliRun.of("--help").out().contains("voiceprint [-hV] COMMAND\n"));
    assertTrue(CliRun.of("bench", "--help").out().contains(" [COMMAND]\n"));
  }

  @Test
  void tellsTheVersionOfThePom() throws IOException {
    Matcher pom =
        Pattern.compile("<artifactId>voiceprint</artifactId>\\s*<version>(.*)</version>")
            .matcher(Files.readString(Path.of("pom.xml")));
    assertTrue(pom.find());
    String expected = "voiceprint " + pom.group(1) + "\n";
    assertEquals(expected, CliRun.of("--version").out());
    assertEquals(expected, CliRun.of("embed", "--version").out());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "frobnicate",
        "--frobnicate",
        "embed",
        "verify a.wav",
        "info",
        "convert a.ckpt",
        "completion fish",
        "verify a b c"
      })
  void pointsToTheHelpOnWrongUsage(String line) {
    CliRun run = line.isEmpty() ? CliRun.of() : CliRun.of((Object[]) line.split(" ", -1));
    assertEquals(2, run.exitCode());
    assertEquals("", run.out());
    assertEquals(1, run.errLines().size(), run.err());
    assertTrue(run.err().matches("voiceprint: .* \\(see voiceprint.* --help\\)\n"), run.err());
  }

  @ParameterizedTest
  @ValueSource(strings = {"bash", "zsh"})
  void printsACompletionScriptThatTheShellAccepts(String shell) throws Exception {
    CliRun run = CliRun.of("completion", shell);
    assertEquals(0, run.exitCode());
    assertTrue(run.out().contains("--precision"), "knows the options");
    Path script = Files.writeString(folder.resolve("completion"), run.out());
    assertEquals("", ChildProcess.run(Map.of(), List.of("bash", "-n", script.toString())));
  }

  @Test
  void showsStackTracesOnlyToThoseWhoAskTwice() {
    Path missing = folder.resolve("none.ckpt");
    assertEquals(1, CliRun.of("info", missing).errLines().size());
    assertEquals(1, CliRun.of("info", "-v", missing).errLines().size());
    assertTrue(CliRun.of("info", "-vv", missing).err().contains("\n\tat io.voiceprint."));
    assertFalse(CliRun.of("info", missing).err().contains("\tat "));
  }
}
