package io.voiceprint.graph;

/** The function applied to each element at the end of a layer. */
public enum Activation {
  NONE,
  /** max(x, 0). */
  RELU,
  /** The clip of x to [0, 20] that 3D-Speaker's residual blocks call ReLU (a Hardtanh). */
  RELU20;

  /** The function itself. */
  public float apply(float x) {
    return switch (this) {
      case NONE -> x;
      case RELU -> Math.max(x, 0f);
      case RELU20 -> Math.min(Math.max(x, 0f), 20f);
    };
  }
}
