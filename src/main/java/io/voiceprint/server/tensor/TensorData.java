package io.voiceprint.server.tensor;

import java.nio.ByteBuffer;
import java.util.List;

/** The elements of a tensor, row-major. */
public sealed interface TensorData {
  /** How many there are. */
  long size();

  /** Of FP32. */
  record Floats(float[] values) implements TensorData {
    @Override
    public long size() {
      return values.length;
    }
  }

  /** Of INT16. */
  record Shorts(short[] values) implements TensorData {
    @Override
    public long size() {
      return values.length;
    }
  }

  /** Of INT32 or INT64. */
  record Integers(long[] values) implements TensorData {
    @Override
    public long size() {
      return values.length;
    }
  }

  /** Of BYTES; the buffers share the request's memory. */
  record Strings(List<ByteBuffer> values) implements TensorData {
    /** Most elements: each takes more memory than its few bytes on the wire. */
    static final int MOST = 1 << 16;

    /**
     * Refuses more than {@link #MOST}.
     *
     * @throws TensorException if there are more
     */
    public static void requireFew(String tensor, long count) {
      if (count > MOST) {
        throw new TensorException(
            "tensor '%s': more than %d elements of BYTES".formatted(tensor, MOST));
      }
    }

    @Override
    public long size() {
      return values.size();
    }
  }
}
