package io.voiceprint.batch;

import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Keeps the failures that a test provokes out of the log. */
final class SilentLog implements BeforeAllCallback, AfterAllCallback {
  /** Held, because a level set on a logger that nobody holds is forgotten. */
  private static final Logger LOGGER = Logger.getLogger("io.voiceprint");

  @Override
  public void beforeAll(ExtensionContext context) {
    LOGGER.setLevel(Level.OFF);
  }

  @Override
  public void afterAll(ExtensionContext context) {
    LOGGER.setLevel(null);
  }
}
