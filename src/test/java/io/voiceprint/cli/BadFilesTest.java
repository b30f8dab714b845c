package io.voiceprint.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.voiceprint.golden.Golden;
import io.voiceprint.process.ChildProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every malformed file of the reference data, in a process of 64 MB. */
final class BadFilesTest {
  @TempDir private Path folder;

  /** One command on one bad file, and whether that may succeed. */
  private record Case(Path file, boolean maySucceed, List<String> command) {}

  @Test
  void endWithOneLineThatNamesTheFile() throws Exception {
    List<Case> cases = cases();
    List<Map<String, Object>> runs = run(cases.stream().map(Case::command).toList());
    assertEquals(cases.size(), runs.size());
    List<String> wrong = new ArrayList<>();
    for (int i = 0; i < runs.size(); i++) {
      String complaint = complaint(cases.get(i), runs.get(i));
      if (complaint != null) {
        wrong.add("%s: %s: %s".formatted(cases.get(i), complaint, runs.get(i)));
      }
    }
    assertTrue(wrong.isEmpty(), () -> String.join("\n", wrong));
    try (Stream<Path> written = Files.list(folder.resolve("converted"))) {
      assertEquals(List.of(), written.filter(this::mustNotExist).toList());
    }
  }

  private List<Case> cases() throws Exception {
    Path bad = Golden.root().resolve("bad");
    Path wav = Wavs.noise(folder.resolve("good.wav"), 1);
    Files.createDirectory(folder.resolve("converted"));
    List<Case> cases = new ArrayList<>();
    for (String line : Golden.lines(bad.resolve("manifest.csv"))) {
      String name = line.substring(0, line.indexOf(','));
      Path file = bad.resolve(name);
      boolean maySucceed = expected(line).matches(".*\\bor\\b.*");
      if (name.equals("file")) {
        continue;
      }
      if (name.endsWith(".wav")) {
        cases.add(new Case(file, maySucceed, List.of("embed", "-q", file.toString())));
      } else {
        Path out = folder.resolve("converted").resolve(name + (maySucceed ? ".may" : ".never"));
        cases.add(new Case(file, maySucceed, List.of("info", file.toString())));
        cases.add(
            new Case(
                file, maySucceed, List.of("embed", "-q", "--model", "" + file, wav.toString())));
        cases.add(new Case(file, maySucceed, List.of("convert", "-q", "" + file, out.toString())));
      }
    }
    return cases;
  }

  /** The third column; the second may be quoted. */
  private static String expected(String line) {
    return line.split(",(?=(?:[^\"]*\"[^\"]*\")*[^\"]*$)", -1)[2];
  }

  private boolean mustNotExist(Path file) {
    return !file.toString().endsWith(".may");
  }

  private List<Map<String, Object>> run(List<List<String>> commands) throws Exception {
    Path script =
        Files.write(
            folder.resolve("script"),
            commands.stream().map(command -> String.join("\t", command)).toList());
    Path results = folder.resolve("results");
    Process process =
        ChildProcess.start(
            folder,
            List.of("-Xmx64m"),
            BadFilesProgram.class,
            List.of(script.toString(), results.toString()));
    assertEquals(0, process.waitFor(), Files.readString(folder.resolve("err")));
    return Files.readAllLines(results).stream().map(Json::object).toList();
  }

  private static String complaint(Case bad, Map<String, Object> run) {
    int exitCode = (int) (double) run.get("exitCode");
    String out = run.get("out").toString();
    String err = run.get("err").toString();
    if (exitCode == 0) {
      return bad.maySucceed() && !out.contains("NaN") ? null : "succeeded";
    }
    boolean audio = bad.file().toString().endsWith(".wav");
    if (exitCode != (audio ? 1 : 3)) {
      return "exit code";
    }
    if (err.lines().count() != 1 || !err.startsWith("voiceprint: ") || err.contains("should not")) {
      return "standard error";
    }
    if (!err.contains(bad.file().toString())) {
      return "the file is not named";
    }
    boolean onlyTheError =
        audio
            ? out.lines().count() == 1 && Json.object(out).keySet().equals(Set.of("file", "error"))
            : out.isEmpty();
    return onlyTheError ? null : "standard output";
  }

  @Test
  void findsTheThirdColumn() {
    assertEquals("error", expected("a.ckpt,\"[2,2], then\",error,\"x, or y\""));
    assertFalse(expected("a,b,error,").matches(".*\\bor\\b.*"));
  }
}
