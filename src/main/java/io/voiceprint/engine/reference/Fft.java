package io.voiceprint.engine.reference;

/** In-place radix-2 complex Fourier transform of a power-of-two length (Cooley and Tukey, 1965). */
final class Fft {
  private final int length;
  private final double[] cosines;
  private final double[] sines;

  Fft(int length) {
    if (Integer.bitCount(length) != 1) {
      throw new IllegalArgumentException("length=%d is not a power of two".formatted(length));
    }
    this.length = length;
    this.cosines = new double[length / 2];
    this.sines = new double[length / 2];
    for (int k = 0; k < length / 2; k++) {
      cosines[k] = Math.cos(2 * Math.PI * k / length);
      sines[k] = -Math.sin(2 * Math.PI * k / length);
    }
  }

  void transform(double[] real, double[] imaginary) {
    reverseBits(real);
    reverseBits(imaginary);
    for (int half = 1; half < length; half *= 2) {
      int step = length / (2 * half);
      for (int begin = 0; begin < length; begin += 2 * half) {
        for (int k = 0; k < half; k++) {
          int a = begin + k;
          int b = a + half;
          double re = real[b] * cosines[k * step] - imaginary[b] * sines[k * step];
          double im = real[b] * sines[k * step] + imaginary[b] * cosines[k * step];
          real[b] = real[a] - re;
          imaginary[b] = imaginary[a] - im;
          real[a] += re;
          imaginary[a] += im;
        }
      }
    }
  }

  private void reverseBits(double[] x) {
    int shift = Integer.numberOfLeadingZeros(length) + 1;
    for (int i = 0; i < length; i++) {
      int j = length == 1 ? 0 : Integer.reverse(i) >>> shift;
      if (i < j) {
        double swap = x[i];
        x[i] = x[j];
        x[j] = swap;
      }
    }
  }
}
