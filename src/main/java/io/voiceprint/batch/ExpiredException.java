package io.voiceprint.batch;

/** An utterance's deadline passed before its embedding was there. */
public final class ExpiredException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  ExpiredException() {
    super("the deadline passed", null, false, false);
  }
}
