package io.voiceprint.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** The resident memory of a process of this machine (Linux), once a second. */
final class MemoryWatch implements AutoCloseable {
  private final Path status;
  private final List<Long> mebibytes = new ArrayList<>();
  private final ScheduledExecutorService executor =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "voiceprint-load-memory");
            thread.setDaemon(true);
            return thread;
          });

  /**
   * @param process whom to watch; empty to watch nobody
   */
  MemoryWatch(Optional<Long> process) {
    this.status = Path.of("/proc", process.map(String::valueOf).orElse("none"), "status");
    if (process.isPresent()) {
      var unused = executor.scheduleAtFixedRate(this::look, 0, 1, TimeUnit.SECONDS);
    }
  }

  private void look() {
    try {
      for (String line : Files.readAllLines(status)) {
        if (line.startsWith("VmRSS:")) {
          add(Long.parseLong(line.replaceAll("\\D", "")) / 1024);
        }
      }
    } catch (IOException e) {
      // The process is gone, which the list shows by its end.
      executor.shutdown();
    }
  }

  private synchronized void add(long value) {
    mebibytes.add(value);
  }

  /** MiB, a value per second from the start on. */
  synchronized List<Long> mebibytes() {
    return List.copyOf(mebibytes);
  }

  @Override
  public void close() {
    executor.shutdownNow();
  }
}
