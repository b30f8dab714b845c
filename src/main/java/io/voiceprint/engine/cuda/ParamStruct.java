package io.voiceprint.engine.cuda;

import io.voiceprint.cuda.Kernel;
import io.voiceprint.graph.Activation;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** A kernel's parameter struct, laid out field by field as the compiler lays it out. */
final class ParamStruct {
  private static final int MAX_BYTES = 256;
  private final ByteBuffer bytes = ByteBuffer.allocate(MAX_BYTES).order(ByteOrder.nativeOrder());

  /** A pointer; 0 is null. */
  ParamStruct address(long address) {
    align(Long.BYTES);
    bytes.putLong(address);
    return this;
  }

  ParamStruct int32(int value) {
    bytes.putInt(value);
    return this;
  }

  ParamStruct int64(long value) {
    return address(value);
  }

  ParamStruct float32(float value) {
    bytes.putFloat(value);
    return this;
  }

  /** {@code struct Clamp}: the interval an activation clips to. */
  ParamStruct clamp(Activation activation) {
    return float32(activation == Activation.NONE ? Float.NEGATIVE_INFINITY : 0)
        .float32(activation == Activation.RELU20 ? 20 : Float.POSITIVE_INFINITY);
  }

  /** The struct as a kernel's only parameter. */
  Kernel.Arguments arguments() {
    align(Long.BYTES);
    return new Kernel.Arguments().struct(bytes.flip(), Long.BYTES);
  }

  private void align(int alignment) {
    while (bytes.position() % alignment != 0) {
      bytes.put((byte) 0);
    }
  }
}
