package io.voiceprint.log;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;

/** What the library logs while this is open, instead of writing it. Information and above. */
public final class RecordedLog implements AutoCloseable {
  private final Logger logger = Logger.getLogger("io.voiceprint");
  private final Level level = logger.getLevel();
  private final boolean written = logger.getUseParentHandlers();
  private final List<String> messages = new CopyOnWriteArrayList<>();
  private final Handler recorder =
      new Handler() {
        @Override
        public void publish(LogRecord entry) {
          messages.add(new SimpleFormatter().formatMessage(entry));
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
      };

  private RecordedLog() {}

  public static RecordedLog open() {
    RecordedLog log = new RecordedLog();
    log.logger.setLevel(Level.INFO);
    log.logger.setUseParentHandlers(false);
    log.logger.addHandler(log.recorder);
    return log;
  }

  /** So far. */
  public List<String> messages() {
    return List.copyOf(messages);
  }

  @Override
  public void close() {
    logger.removeHandler(recorder);
    logger.setUseParentHandlers(written);
    logger.setLevel(level);
  }
}
