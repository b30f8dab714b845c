package io.voiceprint.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.voiceprint.golden.Npy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class EmbedCommandTest {
  private static final int SIZE = 192;

  @TempDir private Path folder;

  @Test
  void printsOneJsonObjectPerFileAndNothingElse() throws IOException {
    Path a = Wavs.noise(folder.resolve("a.wav"), 1);
    Path b = Wavs.noise(folder.resolve("b, \"ü\" 声.wav"), 2);
    CliRun run = CliRun.of("embed", a, b);
    assertEquals(0, run.exitCode(), run.err());
    assertEquals(2, run.outLines().size());
    Map<String, Object> first = run.objects().get(0);
    assertEquals(a.toString(), first.get("file"));
    assertEquals(0.5, first.get("seconds"));
    assertEquals(SIZE, Json.floats(first.get("embedding")).length);
    assertEquals(b.toString(), run.objects().get(1).get("file"));
    assertEquals(
        List.of(
            "voiceprint: using the demo model, which is not fit for production; name another with --model"),
        run.errLines().stream().filter(line -> !line.contains("warning: ")).toList());
  }

  @Test
  void isQuietWhenAskedTo() throws IOException {
    CliRun run = CliRun.of("embed", "-q", Wavs.noise(folder.resolve("a.wav"), 1));
    assertEquals(0, run.exitCode());
    assertEquals("", run.err());
  }

  @Test
  void namesTheDeviceWhenVerbose() throws IOException {
    Path a = Wavs.noise(folder.resolve("a.wav"), 1);
    assertTrue(CliRun.of("embed", "-v", a).err().contains("device auto"));
    assertFalse(CliRun.of("embed", a).err().contains("device auto"));
  }

  @Test
  void goesOnAfterAFileThatFails() throws IOException {
    Path good = Wavs.noise(folder.resolve("good.wav"), 1);
    Path text = Files.writeString(folder.resolve("text.wav"), "no audio");
    Path tooShort = Wavs.noise(folder.resolve("short.wav"), 1, 100);
    Path missing = folder.resolve("missing.wav");
    CliRun run = CliRun.of("embed", "-q", text, missing, tooShort, good);
    assertEquals(1, run.exitCode());
    List<Map<String, Object>> objects = run.objects();
    assertEquals(4, objects.size());
    for (int i = 0; i < 3; i++) {
      assertEquals(Set.of("file", "error"), objects.get(i).keySet());
    }
    assertEquals(missing + ": no such file", objects.get(1).get("error"));
    assertTrue(objects.get(2).get("error").toString().contains("too short"), run.out());
    assertEquals(SIZE, Json.floats(objects.get(3).get("embedding")).length);
    assertEquals(4, run.errLines().size(), run.err());
    assertTrue(run.err().endsWith("voiceprint: 3 of 4 files failed\n"), run.err());
    for (String line : run.errLines()) {
      assertTrue(line.startsWith("voiceprint: "), line);
    }
  }

  @Test
  void putsWarningsIntoTheResultAndOnStandardError() throws IOException {
    Path file = Wavs.noise(folder.resolve("cut.wav"), 1);
    byte[] bytes = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(bytes, bytes.length - 2000));
    CliRun run = CliRun.of("embed", file);
    assertEquals(0, run.exitCode());
    assertTrue(run.objects().get(0).get("warnings").toString().contains("missing"), run.out());
    assertTrue(run.err().contains("voiceprint: warning: " + file + ": "), run.err());
  }

  @Test
  void walksFoldersAndReadsLists() throws IOException {
    Path corpus = folder.resolve("corpus");
    Path second = Wavs.noise(corpus.resolve("b/2.WAV"), 2);
    Path first = Wavs.noise(corpus.resolve("a/1.wav"), 1);
    Files.writeString(corpus.resolve("notes.txt"), "not audio");
    Wavs.noise(corpus.resolve(".hidden/3.wav"), 3);
    Wavs.noise(corpus.resolve("._1.wav"), 3);
    Files.createSymbolicLink(corpus.resolve("loop"), corpus);
    assertEquals(List.of(first.toString(), second.toString()), files(CliRun.of("embed", corpus)));

    Path list = Files.writeString(folder.resolve("list.txt"), second + "\r\n\n" + first + "\n");
    assertEquals(
        List.of(second.toString(), first.toString()), files(CliRun.of("embed", "@" + list)));
  }

  private static List<String> files(CliRun run) {
    assertEquals(0, run.exitCode(), run.err());
    return run.objects().stream().map(object -> object.get("file").toString()).toList();
  }

  @Test
  void refusesWhatStandsForNoFileBeforeAnyWork() throws IOException {
    Files.createDirectories(folder.resolve("empty"));
    Path list = Files.writeString(folder.resolve("empty.txt"), "\n");
    Path binary = Files.write(folder.resolve("binary.txt"), new byte[] {(byte) 0xff, (byte) 0xfe});
    for (Object argument :
        List.of(
            "",
            folder.resolve("empty"),
            "@" + list,
            "@" + binary,
            "@" + folder.resolve("none.txt"))) {
      CliRun run = CliRun.of("embed", argument);
      assertEquals(2, run.exitCode(), run.err());
      assertEquals("", run.out());
      assertEquals(1, run.errLines().size(), run.err());
    }
  }

  @Test
  void writesAnArray() throws IOException {
    Path a = Wavs.noise(folder.resolve("a.wav"), 1);
    CliRun run = CliRun.of("embed", "--format", "json", a, folder.resolve("none.wav"));
    assertEquals(1, run.exitCode());
    List<?> array = (List<?>) Json.parse(run.out());
    assertEquals(2, array.size());
    assertEquals(Set.of("file", "error"), ((Map<?, ?>) array.get(1)).keySet());
  }

  @Test
  void writesATable() throws IOException {
    Path a = Wavs.noise(folder.resolve("a,\"1\".wav"), 1);
    CliRun lines = CliRun.of("embed", a);
    CliRun run = CliRun.of("embed", "--format", "csv", a, folder.resolve("none.wav"));
    assertEquals(1, run.exitCode());
    List<String> rows = run.outLines();
    assertEquals(3, rows.size());
    String[] header = rows.get(0).split(",", -1);
    assertEquals(SIZE + 3, header.length);
    assertEquals("file,seconds,e0,e1", String.join(",", List.of(header).subList(0, 4)));
    assertEquals("e191,error", String.join(",", List.of(header).subList(SIZE + 1, SIZE + 3)));
    String name = "\"" + a.toString().replace("\"", "\"\"") + "\",0.5,";
    assertTrue(rows.get(1).startsWith(name), rows.get(1));
    String[] cells = rows.get(1).substring(name.length()).split(",", -1);
    assertEquals(SIZE + 1, cells.length);
    assertEquals("", cells[SIZE]);
    float[] expected = Json.floats(lines.objects().get(0).get("embedding"));
    for (int i = 0; i < SIZE; i++) {
      assertEquals(expected[i], Float.parseFloat(cells[i]));
    }
    assertTrue(rows.get(2).endsWith(",,,none.wav: no such file".replace("none", folder + "/none")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"jsonl", "json", "csv"})
  void writesTheSameToAFile(String format) throws IOException {
    Path a = Wavs.noise(folder.resolve("in/a.wav"), 1);
    Path out = folder.resolve("new/out." + format);
    CliRun printed = CliRun.of("embed", "--format", format, a);
    CliRun written = CliRun.of("embed", "--format", format, "-o", out, a);
    assertEquals(0, written.exitCode(), written.err());
    assertEquals("", written.out());
    assertEquals(printed.out(), Files.readString(out));
    assertEquals(List.of(out), list(out.getParent()));

    Files.writeString(out, "older");
    assertTrue(
        CliRun.of("embed", "--format", format, "-o", out, a).err().contains("replacing " + out));
    assertEquals(printed.out(), Files.readString(out));
  }

  @Test
  void keepsAnEarlierFileWhereTheModelIsUnusable() throws IOException {
    Path a = Wavs.noise(folder.resolve("a.wav"), 1);
    Path out = Files.writeString(folder.resolve("out.jsonl"), "older");
    CliRun run = CliRun.of("embed", "--model", a, "-o", out, a);
    assertEquals(3, run.exitCode());
    assertEquals(1, run.errLines().size(), run.err());
    assertTrue(run.err().contains(a.toString()), run.err());
    assertEquals("older", Files.readString(out));
  }

  @Test
  void neverWritesOverItsInput() throws IOException {
    Path a = Wavs.noise(folder.resolve("a.wav"), 1);
    byte[] before = Files.readAllBytes(a);
    assertEquals(2, CliRun.of("embed", "-o", a, a).exitCode());
    assertEquals(2, CliRun.of("embed", "-o", folder, a).exitCode());
    assertArrayEquals(before, Files.readAllBytes(a));
  }

  @Test
  void writesNumpyFilesUnderTheirRelativePaths() throws IOException {
    Path corpus = folder.resolve("corpus");
    Wavs.noise(corpus.resolve("x.wav"), 1);
    Wavs.noise(corpus.resolve("sub/x.wav"), 2);
    Wavs.noise(corpus.resolve("sub/x.flac"), 3);
    Path bad = Files.writeString(corpus.resolve("bad.wav"), "no audio");
    Path out = folder.resolve("out");
    CliRun lines = CliRun.of("embed", corpus);
    CliRun run = CliRun.of("embed", "--format", "npy", "-o", out, corpus);
    assertEquals(1, run.exitCode());
    assertEquals("", run.out());
    assertEquals(
        List.of(
            out.resolve("errors.jsonl"),
            out.resolve("sub/x.flac.npy"),
            out.resolve("sub/x.wav.npy"),
            out.resolve("x.wav.npy")),
        list(out));
    Map<String, Object> error = Json.object(Files.readString(out.resolve("errors.jsonl")));
    assertEquals(bad.toString(), error.get("file"));
    Npy npy = Npy.read(out.resolve("x.wav.npy"));
    assertArrayEquals(new int[] {SIZE}, npy.shape());
    assertArrayEquals(Json.floats(lines.objects().get(3).get("embedding")), npy.floats());
  }

  @Test
  void mapsPathsThatLeadUpwardsIntoTheFolder() throws IOException {
    Path a = Wavs.noise(folder.resolve("a/b/x.wav"), 1);
    Path out = folder.resolve("out");
    Path here = Path.of("").toAbsolutePath();
    Path upwards = here.relativize(a.toAbsolutePath());
    assertTrue(upwards.startsWith(".."), "the temporary folder is expected outside the project");
    CliRun run = CliRun.of("embed", "--format", "npy", "-o", out, upwards);
    assertEquals(0, run.exitCode(), run.err());
    assertEquals(1, list(out).size());
    assertTrue(list(out).get(0).endsWith("a/b/x.wav.npy"));
  }

  @Test
  void endsOnCollisionsBeforeAnyWork() throws IOException {
    Path one = Wavs.noise(folder.resolve("one/x.wav"), 1).getParent();
    Path two = Wavs.noise(folder.resolve("two/x.wav"), 2).getParent();
    Path nested = Wavs.noise(folder.resolve("three/x.wav.npy/y.wav"), 3).getParent().getParent();
    Path out = folder.resolve("out");
    for (Path other : List.of(two, nested, one)) {
      CliRun run = CliRun.of("embed", "--format", "npy", "-o", out, one, other);
      assertEquals(2, run.exitCode(), run.err());
      assertTrue(run.err().contains(out.resolve("x.wav.npy").toString()), run.err());
      assertFalse(Files.exists(out));
    }
    CliRun run = CliRun.of("embed", "--format", "npy", one);
    assertEquals(2, run.exitCode());
    assertTrue(run.err().contains("-o DIR"), run.err());
  }

  @Test
  void keepsADifferentResultUnlessForced() throws IOException {
    Path same = Wavs.noise(folder.resolve("in/same.wav"), 1);
    Path other = Wavs.noise(folder.resolve("in/other.wav"), 2);
    Path out = folder.resolve("out");
    Object[] command = {"embed", "-q", "--format", "npy", "-o", out, folder.resolve("in")};
    assertEquals(0, CliRun.of(command).exitCode());
    byte[] first = Files.readAllBytes(out.resolve("other.wav.npy"));
    assertEquals(0, CliRun.of(command).exitCode());

    Wavs.noise(other, 3);
    CliRun refused = CliRun.of(command);
    assertEquals(1, refused.exitCode());
    assertTrue(refused.err().contains("other.wav"), refused.err());
    assertTrue(refused.err().contains("--force"), refused.err());
    assertFalse(refused.err().contains(same.toString()), refused.err());
    assertArrayEquals(first, Files.readAllBytes(out.resolve("other.wav.npy")));
    assertTrue(Files.readString(out.resolve("errors.jsonl")).contains("--force"));

    CliRun forced =
        CliRun.of("embed", "-q", "--force", "--format", "npy", "-o", out, folder.resolve("in"));
    assertEquals(0, forced.exitCode());
    assertFalse(Arrays.equals(first, Files.readAllBytes(out.resolve("other.wav.npy"))));
    assertFalse(Files.exists(out.resolve("errors.jsonl")), "an error of an earlier run");
  }

  @Test
  void givesTheSameResultsWithAnyBatchAndThreads() throws IOException {
    for (int i = 0; i < 7; i++) {
      Wavs.noise(folder.resolve(i + ".wav"), i, 4000 + 1021 * i);
    }
    CliRun expected = CliRun.of("embed", "--batch", 1, "--threads", 1, folder);
    assertEquals(7, expected.outLines().size());
    assertEquals(expected.out(), CliRun.of("embed", "--batch", 3, "--threads", 2, folder).out());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--threads=0",
        "--batch=0",
        "--device=abacus",
        "--precision=fp7",
        "--pooling=max",
        "--channel=third",
        "--format=xml",
        "--model",
        "--unknown"
      })
  void refusesWrongOptions(String option) throws IOException {
    CliRun run = CliRun.of("embed", Wavs.noise(folder.resolve("a.wav"), 1), option);
    assertEquals(2, run.exitCode(), run.err());
    assertEquals("", run.out());
    assertEquals(1, run.errLines().size(), run.err());
  }

  @Test
  void reportsADeviceThatIsMissing() throws IOException {
    CliRun run =
        CliRun.of("embed", "-q", "--device", "CUDA", Wavs.noise(folder.resolve("a.wav"), 1));
    assumeTrue(run.exitCode() != 0, "this machine has a usable GPU");
    assertEquals(3, run.exitCode(), run.err());
    assertEquals("", run.out());
    assertEquals(1, run.errLines().size(), run.err());
    assertTrue(run.err().contains("cuda"), run.err());
  }

  private static List<Path> list(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(Files::isRegularFile).sorted().toList();
    }
  }
}
