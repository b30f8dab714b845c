package io.voiceprint.engine;

/**
 * Storage and multiplication format of the network's weights and activations; sums are always
 * float32.
 */
public enum Precision {
  FP32,
  /** float32 storage, operands of products rounded to 10 mantissa bits. */
  TF32,
  FP16,
  BF16;
}
