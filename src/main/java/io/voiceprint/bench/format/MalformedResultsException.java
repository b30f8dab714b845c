package io.voiceprint.bench.format;

import java.io.IOException;

/** A file of results that cannot be used; the message names the file and the field. */
public final class MalformedResultsException extends IOException {
  private static final long serialVersionUID = 1L;

  MalformedResultsException(String message) {
    super(message);
  }

  MalformedResultsException(String message, Throwable cause) {
    super(message, cause);
  }
}
