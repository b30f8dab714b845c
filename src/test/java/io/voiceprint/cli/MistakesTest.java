package io.voiceprint.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What anybody types wrongly, and what the program answers. */
final class MistakesTest {
  private static final Path CLIP = CliRun.DEMO.resolve("samples").resolve("voice_a_1.wav");

  @TempDir private Path folder;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
embed --device gpu a.wav         | '--device': 'gpu' is none of auto, cuda, cpu, reference
embed --precision int8 a.wav     | '--precision': 'int8' is none of fp32, tf32, fp16, bf16
embed --format xml a.wav         | '--format': 'xml' is none of jsonl, json, npy, csv
embed --channel left a.wav       | '--channel': 'left' is none of first, mix
embed --pooling max a.wav        | '--pooling': 'max' is none of tstp, tap, tsdp, astp
embed --threads 0 a.wav          | threads=0 must be 1 to 1024
embed --threads two a.wav        | '--threads': 'two' is not a whole number
embed --threads 99999999999 a.wav | '--threads': '99999999999' is too large
verify --threshold high a b      | '--threshold': 'high' is not a number
bench --duration 0               | duration=0.0 must be above 0
bench --batch 1,x                | 'x' is not a whole number
convert --dtype int8 in out      | '--dtype': 'int8' is none of fp32, fp16
bench --arch resnet              | 'resnet' is none of eres2net-base, eres2net-large,
bench --arrivals even            | '--arrivals': 'even' is none of poisson, fixed
bench --batch 0                  | batch=0 must be 1 or more
bench --seconds 0                | seconds=0.0 must be above 0 and at most 3600
bench --concurrency 0            | concurrency=0 must be 1 to 10000
load                             | voiceprint: Missing required argument (specify one of these)
completion fish                  | 'fish' is none of bash, zsh
""")
  void wrongUsageIsToldWithWhatIsRight(String line, String expected) {
    CliRun run = CliRun.of((Object[]) line.strip().split(" "));
    assertEquals(2, run.exitCode(), run.err());
    assertEquals("", run.out());
    assertTrue(run.err().contains(expected), run.err());
    assertEquals(1, run.errLines().size(), run.err());
  }

  @Test
  void choicesAreReadInWhateverCase() {
    assertEquals(0, CliRun.of("completion", "BASH").exitCode());
  }

  @Test
  void aFolderIsNoAudioFile() {
    CliRun run = CliRun.of("verify", "--quiet", CLIP, folder);
    assertEquals(1, run.exitCode());
    assertEquals(
        "voiceprint: " + folder + ": is a directory; name an audio file",
        run.errLines().get(run.errLines().size() - 1));
  }

  @Test
  void aFolderIsNoFileToWrite() {
    CliRun run = CliRun.of("info", "--svg", folder, CliRun.DEMO_MODEL);
    assertEquals(2, run.exitCode());
    assertEquals("voiceprint: " + folder + ": is a folder; name a file\n", run.err());
  }

  /** The message names what was asked for, not a partial file beside it. */
  @ParameterizedTest
  @ValueSource(strings = {"info --svg", "embed --quiet -o", "embed --quiet --format csv -o"})
  void whereNoFileCanBeMadeTheResultIsNamed(String line) {
    Path nowhere = Path.of("/proc/nowhere/result");
    assumeTrue(Files.isDirectory(Path.of("/proc/self")), "this system has no /proc");
    CliRun run =
        CliRun.of(
            (Object[])
                (line + " " + nowhere + " " + (line.startsWith("info") ? CliRun.DEMO_MODEL : CLIP))
                    .split(" "));
    assertEquals(1, run.exitCode(), run.err());
    assertEquals(
        "voiceprint: " + nowhere + ": cannot be written: no file can be made there\n", run.err());
  }

  @Test
  void aFullDiskIsToldWithTheFile() {
    Path full = Path.of("/dev/full");
    assumeTrue(Files.exists(full), "this system has no /dev/full");
    CliRun run = CliRun.of("embed", "--quiet", "-o", full, CLIP);
    assertEquals(1, run.exitCode(), run.err());
    assertEquals("voiceprint: /dev/full: cannot be written: No space left on device\n", run.err());
  }

  /** With {@code -v}, whatever is measured is said. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "bench -v --arch eres2net-micro --json",
        "bench -v --arch eres2net-micro --batch 1 --profile=x.svg --json",
        "load -v --url http://127.0.0.1:9 --json",
        "load -v --in-process --json",
        "convert none.ckpt"
      })
  void whatCannotBeWrittenIsSaidBeforeTheWork(String line) throws IOException {
    CliRun run = CliRun.of((Object[]) (line + " " + folder).split(" "));
    assertEquals(2, run.exitCode(), run.err());
    assertEquals("voiceprint: " + folder + ": is a folder; name a file\n", run.err());
    Path file = Files.createFile(folder.resolve("file"));
    run = CliRun.of((Object[]) (line + " " + file + "/new/out").split(" "));
    assertEquals(1, run.exitCode(), run.err());
    assertEquals("voiceprint: " + file + ": is there already, and is no folder\n", run.err());
  }

  @Test
  void aPictureIsCheckedBeforeMeasuringToo() {
    CliRun run = CliRun.of("bench", "-v", "--arch", "eres2net-micro", "--profile=" + folder);
    assertEquals(2, run.exitCode(), run.err());
    assertEquals("voiceprint: " + folder + ": is a folder; name a file\n", run.err());
  }

  @Test
  void checkingLeavesNothingBehind() throws IOException {
    PartialFile.check(folder.resolve("new").resolve("out.json"));
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(List.of(), files.toList());
    }
  }

  @Test
  void aDeviceIsNotReplaced() throws IOException {
    Path device = Path.of("/dev/null");
    assumeTrue(Files.exists(device), "no /dev/null here");
    CliRun run = CliRun.of("info", "--svg", device, CliRun.DEMO_MODEL);
    assertEquals(2, run.exitCode(), run.err());
    assertEquals("voiceprint: /dev/null: is a device or a pipe; name a file\n", run.err());
    assertTrue(Files.readAttributes(device, BasicFileAttributes.class).isOther());
  }

  @Test
  void nothingIsWrittenBelowAFile() throws IOException {
    Path file = Files.createFile(folder.resolve("file"));
    CliRun run = CliRun.of("info", "--svg", file.resolve("demo.svg"), CliRun.DEMO_MODEL);
    assertEquals(1, run.exitCode());
    assertEquals("voiceprint: " + file + ": is there already, and is no folder\n", run.err());
  }

  @Test
  void foldersAboveADrawingAreMade() throws IOException {
    Path svg = folder.resolve("new").resolve("demo.svg");
    CliRun run = CliRun.of("info", "--svg", svg, CliRun.DEMO_MODEL);
    assertEquals(0, run.exitCode(), run.err());
    assertFalse(Files.readString(svg).isEmpty());
  }
}
