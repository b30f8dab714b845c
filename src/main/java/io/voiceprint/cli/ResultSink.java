package io.voiceprint.cli;

import io.voiceprint.Embedding;
import java.io.Closeable;
import java.io.IOException;

/**
 * Where the results of {@code embed} go, one call for each file, in order. What was passed in is
 * safe when the call returns: a crash afterwards does not lose it.
 */
interface ResultSink extends Closeable {

  /**
   * Takes an embedding.
   *
   * @throws ResultConflictException if it cannot be stored for a reason of this file alone
   * @throws IOException if nothing can be stored any more
   */
  void success(AudioInput input, Embedding embedding) throws IOException, ResultConflictException;

  /** Takes the reason why a file has no embedding. */
  void failure(AudioInput input, String error) throws IOException;

  /** Completes the output; without this call, it is left as far as it got. */
  void finish() throws IOException;
}
