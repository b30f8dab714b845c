package io.voiceprint.engine.cpu;

/**
 * Power spectrum of a real signal of a power-of-two length: a complex transform of half the length
 * on even and odd samples, then one pass that separates them (Press et al., Numerical Recipes,
 * section 12.3.2). Immutable.
 */
final class RealFft {
  private final int length;
  private final int half;
  private final int[] reversed; // bit reversal of 0 to half - 1
  private final double[] cosines; // of 2πk / length, k below half
  private final double[] sines;

  RealFft(int length) {
    if (length < 4 || Integer.bitCount(length) != 1) {
      throw new IllegalArgumentException(
          "length=%d is not a power of two of at least 4".formatted(length));
    }
    this.length = length;
    this.half = length / 2;
    this.reversed = new int[half];
    this.cosines = new double[half];
    this.sines = new double[half];
    int shift = Integer.numberOfLeadingZeros(half) + 1;
    for (int k = 0; k < half; k++) {
      reversed[k] = Integer.reverse(k) >>> shift;
      cosines[k] = Math.cos(2 * Math.PI * k / length);
      sines[k] = -Math.sin(2 * Math.PI * k / length);
    }
  }

  int length() {
    return length;
  }

  /**
   * Squared magnitudes of bins 0 to length / 2.
   *
   * @param signal of {@code length} samples
   * @param re scratch of length / 2
   * @param im scratch of length / 2
   * @param power of length / 2 + 1
   */
  void power(double[] signal, double[] re, double[] im, double[] power) {
    for (int k = 0; k < half; k++) {
      re[k] = signal[2 * reversed[k]];
      im[k] = signal[2 * reversed[k] + 1];
    }
    transform(re, im);
    power[0] = square(re[0] + im[0]);
    power[half] = square(re[0] - im[0]);
    for (int k = 1; k < half; k++) {
      int mirror = half - k;
      double evenRe = 0.5 * (re[k] + re[mirror]);
      double evenIm = 0.5 * (im[k] - im[mirror]);
      double oddRe = 0.5 * (im[k] + im[mirror]);
      double oddIm = 0.5 * (re[mirror] - re[k]);
      double c = cosines[k];
      double s = sines[k];
      power[k] = square(evenRe + c * oddRe - s * oddIm) + square(evenIm + c * oddIm + s * oddRe);
    }
  }

  /** In-place complex transform of bit-reversed input (Cooley and Tukey, 1965). */
  private void transform(double[] re, double[] im) {
    for (int width = 1; width < half; width *= 2) {
      int step = length / (2 * width);
      for (int begin = 0; begin < half; begin += 2 * width) {
        for (int k = 0; k < width; k++) {
          int a = begin + k;
          int b = a + width;
          double c = cosines[k * step];
          double s = sines[k * step];
          double turnedRe = re[b] * c - im[b] * s;
          double turnedIm = re[b] * s + im[b] * c;
          re[b] = re[a] - turnedRe;
          im[b] = im[a] - turnedIm;
          re[a] += turnedRe;
          im[a] += turnedIm;
        }
      }
    }
  }

  private static double square(double x) {
    return x * x;
  }
}
