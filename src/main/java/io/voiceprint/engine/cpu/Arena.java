package io.voiceprint.engine.cpu;

import io.voiceprint.engine.EngineException;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.ShortPointer;

/**
 * The memory of all activations, outside the heap; grows to what the longest utterance so far
 * needed. Used by one thread.
 */
final class Arena implements AutoCloseable {
  private static final int ALIGNMENT = 4096;
  private static final int BF16_SHIFT = 16;

  private Pointer allocation;
  private long base; // address of the first aligned byte
  private long capacity;

  /** A pointer to somewhere, without an owner. */
  private static final class Address extends Pointer {
    Address(long address) {
      this.address = address;
    }
  }

  /**
   * Makes room; content is lost if it moves.
   *
   * @return whether it moved
   */
  boolean require(long size) {
    if (size <= capacity) {
      return false;
    }
    close();
    allocation = Pointer.malloc(size + ALIGNMENT);
    if (allocation == null || allocation.isNull()) {
      throw new EngineException(
          "out of memory: %d bytes of activations are needed; shorten the utterance"
              .formatted(size));
    }
    capacity = size;
    base = (allocation.address() + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    return true;
  }

  Pointer at(long offset) {
    return new Address(base + offset);
  }

  void zero(long offset, long count) {
    Pointer.memset(at(offset), 0, count);
  }

  /** Copies bytes between pieces that do not overlap. */
  void copy(long from, long to, long count) {
    Pointer.memcpy(at(to), at(from), count);
  }

  /** Reads {@code into.length} elements as float32. */
  void read(long offset, DataType type, float[] into) {
    if (type == DataType.FP32) {
      new FloatPointer(at(offset)).get(into);
      return;
    }
    short[] raw = new short[into.length];
    new ShortPointer(at(offset)).get(raw);
    for (int i = 0; i < raw.length; i++) {
      into[i] = Float.intBitsToFloat(raw[i] << BF16_SHIFT);
    }
  }

  /** Writes float32 values, rounded to nearest even where the type is narrower. */
  void write(long offset, DataType type, float[] values) {
    if (type == DataType.FP32) {
      new FloatPointer(at(offset)).put(values);
      return;
    }
    short[] raw = new short[values.length];
    for (int i = 0; i < raw.length; i++) {
      int bits = Float.floatToRawIntBits(values[i]);
      int half = 0x7FFF + ((bits >>> BF16_SHIFT) & 1);
      raw[i] = (short) ((bits + half) >>> BF16_SHIFT);
    }
    new ShortPointer(at(offset)).put(raw);
  }

  @Override
  public void close() {
    if (allocation != null) {
      Pointer.free(allocation);
      allocation = null;
      capacity = 0;
    }
  }
}
