package io.voiceprint.checkpoint;

import java.io.IOException;

/**
 * A weight file that cannot be used. The message names the file, the key where there is one, and
 * the reason.
 */
public final class CheckpointException extends IOException {
  private static final long serialVersionUID = 1L;

  public CheckpointException(String message) {
    super(message);
  }

  public CheckpointException(String message, Throwable cause) {
    super(message, cause);
  }
}
