package io.voiceprint.cli;

import io.voiceprint.Embedding;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Writes results as text, each as soon as it is there. JSON lines go straight to their file; an
 * array or a table, which is of use only when whole, goes to a partial file first, and where it
 * cannot be completed that file stays and is named.
 */
final class TextSink implements ResultSink {
  private final ResultText format;
  private final int embeddingSize;
  private final Path file; // null for standard output
  private final OutputStream stream;
  private final PartialFile partial;
  private final Terminal terminal;
  private int results;
  private boolean told;

  private TextSink(
      ResultText format,
      int embeddingSize,
      Path file,
      OutputStream stream,
      PartialFile partial,
      Terminal terminal) {
    this.format = format;
    this.embeddingSize = embeddingSize;
    this.file = file;
    this.stream = stream;
    this.partial = partial;
    this.terminal = terminal;
    if (partial != null) {
      Runtime.getRuntime().addShutdownHook(new Thread(this::tellWhatThereIs));
    }
  }

  /** Writes to standard output, which stays open. */
  static TextSink toStandardOutput(ResultText format, int embeddingSize, Terminal terminal) {
    return new TextSink(format, embeddingSize, null, terminal.out(), null, terminal);
  }

  /**
   * Writes to a file, which is replaced if it is there.
   *
   * @throws IOException if it cannot be made; names it
   */
  static TextSink toFile(ResultText format, int embeddingSize, Path file, Terminal terminal)
      throws IOException {
    PartialFile partial = format == ResultText.JSONL ? null : PartialFile.create(file);
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      OutputStream stream = Files.newOutputStream(partial == null ? file : partial.path());
      return new TextSink(format, embeddingSize, file, stream, partial, terminal);
    } catch (IOException e) {
      throw Unwritable.of(file, e);
    }
  }

  @Override
  public void success(AudioInput input, Embedding embedding) throws IOException {
    add(format.success(input, embedding));
  }

  @Override
  public void failure(AudioInput input, String error) throws IOException {
    add(format.failure(input, error, embeddingSize));
  }

  private synchronized void add(String result) throws IOException {
    write((results == 0 ? format.head(embeddingSize) : format.separator()) + result);
    results++;
  }

  private void write(String text) throws IOException {
    try {
      stream.write(text.getBytes(StandardCharsets.UTF_8));
      stream.flush();
    } catch (IOException e) {
      throw Unwritable.of(file, e); // Standard output throws nothing, but remembers.
    }
    if (stream instanceof PrintStream out && out.checkError()) {
      throw new IOException(Terminal.OUTPUT_LOST);
    }
  }

  @Override
  public synchronized void finish() throws IOException {
    write(results == 0 ? format.head(embeddingSize) + format.tail() : format.tail());
    if (partial != null) {
      stream.close();
      partial.complete();
    }
    told = true;
  }

  @Override
  public synchronized void close() throws IOException {
    if (stream != terminal.out()) {
      stream.close();
    }
    if (partial != null) {
      tellWhatThereIs();
      if (results == 0) {
        partial.close();
      }
    }
  }

  /** Also runs when the process is interrupted. */
  private synchronized void tellWhatThereIs() {
    if (!told && results > 0) {
      terminal.error(
          "not completed; %s so far in %s"
              .formatted(Terminal.count(results, "result"), partial.path()));
    }
    told = true;
  }
}
