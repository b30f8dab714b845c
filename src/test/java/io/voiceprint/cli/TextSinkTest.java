package io.voiceprint.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.voiceprint.Embedding;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class TextSinkTest {
  private static final AudioInput INPUT = AudioInput.file(Path.of("a.wav"));

  @TempDir private Path folder;
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  private Terminal terminal(OutputStream out) {
    return new Terminal(
        new PrintStream(out, false, StandardCharsets.UTF_8),
        new PrintStream(err, true, StandardCharsets.UTF_8));
  }

  @Test
  void hasEachLineInTheFileAtOnce() throws IOException {
    Path file = folder.resolve("out.jsonl");
    Terminal terminal = terminal(OutputStream.nullOutputStream());
    try (TextSink sink = TextSink.toFile(ResultText.JSONL, 2, file, terminal)) {
      sink.success(INPUT, Embedding.of(1, 2));
      assertEquals(
          "{\"file\":\"a.wav\",\"seconds\":0.0,\"embedding\":[1.0,2.0]}\n", Files.readString(file));
    }
    assertEquals("", err.toString(StandardCharsets.UTF_8));
  }

  @ParameterizedTest
  @EnumSource(
      value = ResultText.class,
      names = {"JSON", "CSV"})
  void keepsWhatThereIsWhereItBreaksOff(ResultText format) throws IOException {
    Path file = Files.writeString(folder.resolve("out"), "older");
    Terminal terminal = terminal(OutputStream.nullOutputStream());
    try (TextSink sink = TextSink.toFile(format, 2, file, terminal)) {
      sink.success(INPUT, Embedding.of(1, 2));
    }
    assertEquals("older", Files.readString(file));
    List<Path> partial;
    try (Stream<Path> files = Files.list(folder)) {
      partial = files.filter(each -> !each.equals(file)).toList();
    }
    assertEquals(1, partial.size());
    assertTrue(Files.readString(partial.get(0)).contains("a.wav"));
    assertEquals(
        "voiceprint: not completed; 1 result so far in " + partial.get(0) + "\n",
        err.toString(StandardCharsets.UTF_8));
  }

  @Test
  void leavesNothingWhereThereIsNothing() throws IOException {
    Path file = folder.resolve("out.json");
    TextSink.toFile(ResultText.JSON, 2, file, terminal(OutputStream.nullOutputStream())).close();
    try (Stream<Path> files = Files.list(folder)) {
      assertFalse(files.findAny().isPresent());
    }
  }

  @Test
  void noticesThatNobodyReads() throws IOException {
    OutputStream closed =
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            throw new IOException("closed");
          }
        };
    try (TextSink sink = TextSink.toStandardOutput(ResultText.JSONL, 2, terminal(closed))) {
      assertThrows(IOException.class, () -> sink.failure(INPUT, "bad"));
    }
  }
}
