package io.voiceprint.engine.cpu;

import io.voiceprint.engine.Precision;
import org.bytedeco.dnnl.memory.data_type;

/** Storage format of a value. */
enum DataType {
  FP32(data_type.f32, 4),
  BF16(data_type.bf16, 2);

  private final data_type dnnl;
  private final int bytes;

  DataType(data_type dnnl, int bytes) {
    this.dnnl = dnnl;
    this.bytes = bytes;
  }

  static DataType of(Precision precision) {
    return switch (precision) {
      case FP32 -> FP32;
      case BF16 -> BF16;
      default ->
          throw new IllegalArgumentException(
              "the CPU engine computes in fp32 or bf16, not " + precision);
    };
  }

  data_type dnnl() {
    return dnnl;
  }

  /** Size of an element. */
  int bytes() {
    return bytes;
  }
}
