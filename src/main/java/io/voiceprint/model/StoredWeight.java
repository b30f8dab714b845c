package io.voiceprint.model;

import io.voiceprint.checkpoint.CheckpointException;
import io.voiceprint.checkpoint.FloatReader;
import io.voiceprint.checkpoint.StoredTensor;
import io.voiceprint.graph.Tensor;
import java.io.UncheckedIOException;
import java.nio.FloatBuffer;

/**
 * A weight that stays in its file until an engine arranges it: all weights of a network in memory
 * twice would be more than everything else that an engine needs.
 *
 * @param stored where its elements are
 */
record StoredWeight(StoredTensor stored) implements Tensor.Source {

  /**
   * The weight as a constant of a graph.
   *
   * @param buffer any, to read all elements through
   * @throws CheckpointException if they cannot be read: that is found out now and not by the engine
   */
  static Tensor checked(StoredTensor stored, FloatBuffer buffer) throws CheckpointException {
    FloatReader reader = stored.reader();
    for (long left = stored.elements(); left > 0; left -= buffer.limit()) {
      buffer.clear().limit((int) Math.min(buffer.capacity(), left));
      reader.read(buffer);
    }
    return Tensor.stored(new StoredWeight(stored), stored.shape());
  }

  @Override
  public Tensor.Reader open() {
    try {
      FloatReader reader = stored.reader();
      return into -> {
        try {
          reader.read(into);
        } catch (CheckpointException e) {
          throw new UncheckedIOException(e.getMessage(), e);
        }
      };
    } catch (CheckpointException e) {
      throw new UncheckedIOException(e.getMessage(), e);
    }
  }
}
