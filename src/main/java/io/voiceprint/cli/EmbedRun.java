package io.voiceprint.cli;

import io.voiceprint.Embedding;
import io.voiceprint.SpeakerEncoder;
import io.voiceprint.UnusableDeviceException;
import io.voiceprint.audio.AudioWarning;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Embeds a list of files: several threads read, the encoder computes what is ready together, and
 * results come out in the order of the list. A file that fails does not stop the others.
 */
final class EmbedRun {
  private final SpeakerEncoder encoder;
  private final ResultSink sink;
  private final Terminal terminal;
  private final int threads;
  private final boolean showsProgress;
  private int failed;
  private int failedOnDevice;

  EmbedRun(
      SpeakerEncoder encoder,
      ResultSink sink,
      Terminal terminal,
      int threads,
      boolean showsProgress) {
    this.encoder = encoder;
    this.sink = sink;
    this.terminal = terminal;
    this.threads = threads;
    this.showsProgress = showsProgress;
  }

  /** A file that was read and waits for its embedding. */
  private record Read(CompletableFuture<Embedding> embedding) {}

  /** A file on its way: being read, then in the encoder's queue. */
  private record Pending(AudioInput input, CompletableFuture<Read> reading) {

    Embedding await() throws InterruptedException, ExecutionException {
      return reading.thenCompose(Read::embedding).get();
    }

    /** Spares the encoder what nobody will take. */
    void cancel() {
      var unused = reading.thenAccept(read -> read.embedding().cancel(false));
    }
  }

  /**
   * Embeds all files and returns the exit code.
   *
   * @throws IOException if results cannot be written
   */
  int embed(List<AudioInput> inputs) throws IOException {
    ProgressBar progress = new ProgressBar(terminal, inputs.size());
    // Enough for one pass of the network to be computed while the next is prepared.
    int window = 2 * encoder.limits().batchUtterances() + threads;
    ExecutorService readers = Executors.newFixedThreadPool(Math.min(threads, inputs.size()));
    Deque<Pending> pending = new ArrayDeque<>();
    try {
      Iterator<AudioInput> waiting = inputs.iterator();
      int done = 0;
      while (waiting.hasNext() || !pending.isEmpty()) {
        while (waiting.hasNext() && pending.size() < window) {
          AudioInput input = waiting.next();
          pending.add(
              new Pending(input, CompletableFuture.supplyAsync(() -> read(input), readers)));
        }
        take(pending.remove());
        done++;
        if (showsProgress) {
          progress.update(done, failed);
        }
      }
    } finally {
      progress.clear();
      pending.forEach(Pending::cancel);
      readers.shutdownNow();
    }
    return exitCode(inputs.size());
  }

  private Read read(AudioInput input) {
    return new Read(encoder.embedAsync(input.file()));
  }

  private void take(Pending pending) throws IOException {
    AudioInput input = pending.input();
    try {
      Embedding embedding = pending.await();
      for (AudioWarning warning : embedding.warnings()) {
        terminal.notice("warning: %s: %s".formatted(input.name(), warning.message()));
      }
      sink.success(input, embedding);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof UnusableDeviceException) {
        failedOnDevice++;
      }
      fail(input, e.getCause());
    } catch (ResultConflictException e) {
      fail(input, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw CommandFailure.failed("interrupted");
    }
  }

  private void fail(AudioInput input, Throwable cause) throws IOException {
    failed++;
    String reason = ErrorLine.text(cause);
    terminal.error(reason.startsWith(input.name()) ? reason : input.name() + ": " + reason);
    terminal.trace(cause);
    sink.failure(input, reason);
  }

  private int exitCode(int total) {
    if (failed == 0) {
      return ExitCode.OK;
    }
    if (total > 1) {
      terminal.error("%d of %s failed".formatted(failed, Terminal.count(total, "file")));
    }
    return failedOnDevice == total ? ExitCode.UNUSABLE : ExitCode.FAILED;
  }
}
