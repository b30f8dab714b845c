package io.voiceprint.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.voiceprint.golden.Npy;
import io.voiceprint.process.ChildProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What only a process of its own shows: exit codes, streams, interruption. */
final class ProcessTest {
  @TempDir private Path folder;

  @Test
  void endsWithTheExitCodeAndKeepsTheStreamsApart() throws Exception {
    Path wav = Wavs.noise(folder.resolve("a.wav"), 1);
    Process process =
        ChildProcess.start(
            folder, List.of(), Main.class, List.of("embed", wav.toString(), folder + "/none.wav"));
    assertEquals(1, process.waitFor());
    CliRun expected = CliRun.of("embed", wav, folder + "/none.wav");
    assertEquals(expected.out(), Files.readString(folder.resolve("out")));
    assertEquals(expected.err(), Files.readString(folder.resolve("err")));
  }

  /** Whatever digits the machine's language has, as Persian has its own. */
  @Test
  void writesDigitsThatProgramsRead() throws Exception {
    Path wav = Wavs.noise(folder.resolve("a.wav"), 1);
    Path results = folder.resolve("results");
    Process process =
        ChildProcess.start(
            folder,
            List.of("-Duser.language=fa", "-Duser.country=IR"),
            Main.class,
            List.of("embed", "-q", "--format", "npy", "-o", results.toString(), wav.toString()));
    assertEquals(0, process.waitFor(), Files.readString(folder.resolve("err")));
    try (Stream<Path> files = Files.walk(results)) {
      Path npy = files.filter(Files::isRegularFile).findAny().orElseThrow();
      assertArrayEquals(new int[] {192}, Npy.read(npy).shape());
    }
  }

  @Test
  void noticesThatStandardOutputIsFull() throws Exception {
    Path full = Path.of("/dev/full");
    assumeTrue(Files.exists(full), "this system has no /dev/full");
    Path out = Files.createSymbolicLink(folder.resolve("out"), full);
    Path wav = Wavs.noise(folder.resolve("a.wav"), 1);
    Path list = Files.write(folder.resolve("list.txt"), Collections.nCopies(500, wav.toString()));
    for (List<String> command :
        List.of(
            List.of("info", CliRun.DEMO_MODEL.toString()),
            List.of("completion", "bash"),
            List.of("embed", "-q", "@" + list))) {
      Process process = ChildProcess.start(folder, List.of(), Main.class, command);
      assertEquals(1, process.waitFor(), () -> command + " > " + out);
      assertEquals(
          "voiceprint: cannot write to standard output: closed or full\n",
          Files.readString(folder.resolve("err")));
    }
  }

  @Test
  void keepsWhatIsComputedWhenInterrupted() throws Exception {
    Path wav = Wavs.noise(folder.resolve("a.wav"), 1);
    Path list =
        Files.write(folder.resolve("list.txt"), Collections.nCopies(20_000, wav.toString()));
    Path results = Files.createDirectory(folder.resolve("results"));
    Process process =
        ChildProcess.start(
            folder,
            List.of(),
            Main.class,
            List.of(
                "embed",
                "-q",
                "--format",
                "csv",
                "-o",
                results.resolve("out.csv").toString(),
                "@" + list));
    Optional<Path> partial = Optional.empty();
    while (process.isAlive() && (partial.isEmpty() || lines(partial.get()) < 3)) {
      Thread.onSpinWait();
      try (Stream<Path> files = Files.list(results)) {
        partial = files.findAny();
      }
    }
    process.destroy();
    assertEquals(128 + 15, process.waitFor(), Files.readString(folder.resolve("err")));
    assertFalse(Files.exists(results.resolve("out.csv")));
    String said = Files.readString(folder.resolve("err"));
    assertTrue(said.contains("so far in " + partial.orElseThrow()), said);
    assertTrue(lines(partial.get()) >= 3);
  }

  private static long lines(Path file) throws IOException {
    try (Stream<String> lines = Files.lines(file)) {
      return lines.count();
    }
  }
}
