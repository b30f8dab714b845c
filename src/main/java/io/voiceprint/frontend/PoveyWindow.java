package io.voiceprint.frontend;

/** Kaldi's povey window: a symmetric Hann window to the power 0.85. */
public final class PoveyWindow {
  private PoveyWindow() {}

  /** The window of {@code length} points. */
  public static double[] of(int length) {
    double[] window = new double[length];
    for (int i = 0; i < length; i++) {
      window[i] = Math.pow(0.5 - 0.5 * Math.cos(2 * Math.PI * i / (length - 1)), 0.85);
    }
    return window;
  }
}
