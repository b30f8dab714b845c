package io.voiceprint.engine.cuda;

import io.voiceprint.cuda.CudaContext;
import io.voiceprint.cuda.DeviceMemory;
import io.voiceprint.cuda.MathMode;
import io.voiceprint.number.Float16;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * All constants of a network in one block of device memory. Constants are added while the network
 * is prepared, and have addresses once they were uploaded together.
 */
final class WeightStore implements AutoCloseable {
  private static final float FP16_MAX = 65504f;

  private final List<Slot> slots = new ArrayList<>();
  private long bytes;
  private DeviceMemory memory;

  /** A constant. */
  final class Slot {
    private Object content; // float[], short[] or int[]; null once uploaded
    private final long offset;

    private Slot(Object content, long elementBytes, int elements) {
      this.content = content;
      this.offset = bytes;
      bytes += DeviceMemory.align(elementBytes * elements);
      slots.add(this);
    }

    /** Device address; known after {@link #upload}. */
    long address() {
      return memory.address() + offset;
    }
  }

  Slot floats(float[] values) {
    return new Slot(values, Float.BYTES, values.length);
  }

  Slot ints(int[] values) {
    return new Slot(values, Integer.BYTES, values.length);
  }

  /**
   * Operands of a product, in the format in which it reads them.
   *
   * @param layer for messages
   * @throws IllegalArgumentException if a value is too large for float16
   */
  Slot operands(String layer, float[] values, MathMode mode) {
    if (mode != MathMode.FP16) {
      return floats(values);
    }
    short[] halves = new short[values.length];
    for (int i = 0; i < values.length; i++) {
      if (Math.abs(values[i]) > FP16_MAX) {
        throw new IllegalArgumentException(
            "%s: weight %s is too large for float16 (at most 65504); use fp32 or tf32"
                .formatted(layer, values[i]));
      }
      halves[i] = Float16.fromFloat(values[i]);
    }
    return new Slot(halves, Short.BYTES, halves.length);
  }

  /** Bytes of all constants on the device. */
  long bytes() {
    return bytes;
  }

  /** Copies everything to the device and waits; forgets the host's copies. */
  void upload(CudaContext context) {
    ByteBuffer staged =
        ByteBuffer.allocateDirect(Math.toIntExact(bytes)).order(ByteOrder.nativeOrder());
    for (Slot slot : slots) {
      ByteBuffer target =
          staged.duplicate().position((int) slot.offset).slice().order(ByteOrder.nativeOrder());
      if (slot.content instanceof float[] floats) {
        target.asFloatBuffer().put(floats);
      } else if (slot.content instanceof short[] halves) {
        target.asShortBuffer().put(halves);
      } else {
        target.asIntBuffer().put((int[]) slot.content);
      }
    }
    memory = new DeviceMemory(context, "weights", bytes);
    memory.write(staged);
    slots.forEach(slot -> slot.content = null);
    slots.clear();
  }

  @Override
  public void close() {
    if (memory != null) {
      memory.close();
    }
  }
}
