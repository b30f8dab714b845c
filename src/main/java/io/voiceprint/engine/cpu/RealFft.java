package io.voiceprint.engine.cpu;

/**
 * Power spectrum of a real signal of a power-of-two length: a complex transform of half the length
 * on even and odd samples, then one pass that separates them (Press et al., Numerical Recipes,
 * section 12.3.2). The transform is Cooley and Tukey's (1965) of radix 4, which passes over memory
 * half as often as that of radix 2. Immutable.
 */
final class RealFft {
  private final int length;
  private final int half;
  private final int[] reversed; // bit reversal of 0 to half - 1
  private final double[] cosines; // of 2πk / length, k up to half / 2
  private final double[] sines;

  /** Points of the transforms that {@link #first} makes: 4, or 2 where half is no power of 4. */
  private final int firstWidth;

  /** For each later stage, that makes four transforms of w points one: (w, 3, 2), see there. */
  private final double[][] turns;

  RealFft(int length) {
    if (length < 4 || Integer.bitCount(length) != 1) {
      throw new IllegalArgumentException(
          "length=%d is not a power of two of at least 4".formatted(length));
    }
    this.length = length;
    this.half = length / 2;
    this.reversed = new int[half];
    this.cosines = new double[half / 2 + 1];
    this.sines = new double[half / 2 + 1];
    int shift = Integer.numberOfLeadingZeros(half) + 1;
    for (int k = 0; k < half; k++) {
      reversed[k] = Integer.reverse(k) >>> shift;
    }
    for (int k = 0; k <= half / 2; k++) {
      cosines[k] = Math.cos(2 * Math.PI * k / length);
      sines[k] = -Math.sin(2 * Math.PI * k / length);
    }
    int stages = (Integer.numberOfTrailingZeros(half) - 1) / 2;
    this.firstWidth = half >> (2 * stages);
    this.turns = new double[stages][];
    for (int stage = 0; stage < stages; stage++) {
      turns[stage] = turns(firstWidth << (2 * stage));
    }
  }

  /** For each k below width: cosine and sine of -2πk / 4 width, of twice and of thrice that. */
  private static double[] turns(int width) {
    double[] turns = new double[6 * width];
    for (int k = 0; k < width; k++) {
      for (int times = 1; times <= 3; times++) {
        double angle = -2 * Math.PI * k * times / (4 * width);
        turns[6 * k + 2 * times - 2] = Math.cos(angle);
        turns[6 * k + 2 * times - 1] = Math.sin(angle);
      }
    }
    return turns;
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
    first(re, im);
    int width = firstWidth;
    for (double[] turn : turns) {
      combine(re, im, width, turn);
      width *= 4;
    }
    power[0] = square(re[0] + im[0]);
    power[half] = square(re[0] - im[0]);
    for (int k = 1; k <= half / 2; k++) {
      int mirror = half - k;
      double evenRe = 0.5 * (re[k] + re[mirror]);
      double evenIm = 0.5 * (im[k] - im[mirror]);
      double oddRe = 0.5 * (im[k] + im[mirror]);
      double oddIm = 0.5 * (re[mirror] - re[k]);
      double turnedRe = cosines[k] * oddRe - sines[k] * oddIm;
      double turnedIm = cosines[k] * oddIm + sines[k] * oddRe;
      power[k] = square(evenRe + turnedRe) + square(evenIm + turnedIm);
      power[mirror] = square(evenRe - turnedRe) + square(evenIm - turnedIm);
    }
  }

  /** Transforms of {@code firstWidth} points, in which nothing needs to be multiplied. */
  private void first(double[] re, double[] im) {
    for (int a = 0; a < half; a += 2) {
      int b = a + 1;
      double bRe = re[b];
      double bIm = im[b];
      re[b] = re[a] - bRe;
      im[b] = im[a] - bIm;
      re[a] += bRe;
      im[a] += bIm;
    }
    if (firstWidth == 4) {
      for (int a = 0; a < half; a += 4) {
        cross(re, im, a, 2, re[a + 2], im[a + 2]);
        // The second is turned by a quarter: (x, y) is (y, -x).
        cross(re, im, a + 1, 2, im[a + 3], -re[a + 3]);
      }
    }
  }

  /**
   * Makes every four neighbouring transforms one, in place. By bit reversal they are of the samples
   * 0, 2, 1 and 3 of each four.
   *
   * @param width points of each of the four
   */
  private static void combine(double[] re, double[] im, int width, double[] turns) {
    for (int begin = 0; begin < re.length; begin += 4 * width) {
      for (int k = 0; k < width; k++) {
        int a = begin + k;
        int b = a + 2 * width;
        int c = a + width;
        int d = b + width;
        double bRe = re[b] * turns[6 * k] - im[b] * turns[6 * k + 1];
        double bIm = re[b] * turns[6 * k + 1] + im[b] * turns[6 * k];
        double cRe = re[c] * turns[6 * k + 2] - im[c] * turns[6 * k + 3];
        double cIm = re[c] * turns[6 * k + 3] + im[c] * turns[6 * k + 2];
        double dRe = re[d] * turns[6 * k + 4] - im[d] * turns[6 * k + 5];
        double dIm = re[d] * turns[6 * k + 5] + im[d] * turns[6 * k + 4];
        re[c] = re[a] - cRe;
        im[c] = im[a] - cIm;
        re[a] += cRe;
        im[a] += cIm;
        cross(re, im, a, 2 * width, bRe + dRe, bIm + dIm);
        cross(re, im, c, 2 * width, bIm - dIm, dRe - bRe);
      }
    }
  }

  /** Adds a value to the point at {@code at}; what it is less that value goes to the other. */
  private static void cross(
      double[] re, double[] im, int at, int distance, double otherRe, double otherIm) {
    re[at + distance] = re[at] - otherRe;
    im[at + distance] = im[at] - otherIm;
    re[at] += otherRe;
    im[at] += otherIm;
  }

  private static double square(double x) {
    return x * x;
  }
}
