package io.voiceprint.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The commands in {@code deploy/} have options that there are, and variables that are read. */
class DeployedCommandsTest {
  private static final Pattern COMMAND = Pattern.compile("\\bserve\\b[^\\n]*");
  private static final Pattern OPTION = Pattern.compile("(?<![\\w-])--[a-z][a-z-]*");
  private static final Pattern VARIABLE = Pattern.compile("VOICEPRINT_(?!SERVE_)[A-Z_]+");

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Containerfile",
        "README.md",
        "kubernetes.yaml",
        "voiceprint.service",
        "voiceprint.yaml"
      })
  void optionsAreThoseOfTheCommand(String name) throws IOException {
    Set<String> known = all(OPTION, CliRun.of("serve", "--help").out());
    String commands =
        COMMAND
            .matcher(text(name))
            .results()
            .map(MatchResult::group)
            .collect(Collectors.joining("\n"));
    Set<String> asked = all(OPTION, commands);
    assertTrue(!asked.isEmpty(), commands);
    asked.removeAll(known);
    assertEquals(Set.of(), asked);
  }

  @ParameterizedTest
  @ValueSource(strings = {"Containerfile", "voiceprint.service"})
  void variablesAreRead(String name) throws IOException {
    Set<String> set = all(VARIABLE, text(name));
    assertTrue(!set.isEmpty());
    String readers = Files.readString(Path.of("voiceprint"));
    for (String file : List.of("engine/cuda/Tuning.java", "cuda/KernelCache.java")) {
      readers += Files.readString(Path.of("src/main/java/io/voiceprint").resolve(file));
    }
    set.removeAll(all(VARIABLE, readers));
    assertEquals(Set.of(), set);
  }

  private static String text(String name) throws IOException {
    return Files.readString(Path.of("deploy").resolve(name));
  }

  private static Set<String> all(Pattern pattern, String text) {
    return pattern
        .matcher(text)
        .results()
        .map(MatchResult::group)
        .collect(Collectors.toCollection(TreeSet::new));
  }
}
