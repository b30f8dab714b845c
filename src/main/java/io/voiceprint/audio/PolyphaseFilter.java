package io.voiceprint.audio;

/**
 * The low-pass filter of a rational resampler, sampled at a number of phases: a sinc under a Kaiser
 * window (Oppenheim and Schafer, Discrete-Time Signal Processing, section 7.5).
 *
 * <p>Output n lies at input time t = n·M/L. With i = floor(t), it is the sum over k of {@code
 * tap(phase, k) · input[i - taps/2 + 1 + k]}, inputs outside the signal being zero, where phase =
 * (n·M mod L)·phases/L. If {@code phases} is L, phase is whole and the taps are a row of the table;
 * otherwise they are interpolated linearly between the rows floor(phase) and floor(phase) + 1.
 *
 * <p>Let N be half the lower of both rates. The pass band ends at 0.93 N, the stop band begins at N
 * with 100 dB by design. An exact table takes {@code L · taps} floats; where that exceeds a million
 * (ratios such as 16000/191999) 512 phases do: linear interpolation at P phases errs by (π/P)²/8 of
 * full scale, which is -107 dB.
 *
 * @param up L, the numerator of the reduced ratio of output rate to input rate
 * @param down M, its denominator
 * @param phases rows of the table, less one
 * @param taps coefficients per row, even
 * @param table (phases + 1, taps), C order; shared, must not be changed
 */
public record PolyphaseFilter(int up, int down, int phases, int taps, float[] table) {
  private static final double STOP_BAND_DB = 100;
  private static final double PASS_BAND_EDGE = 0.93;
  private static final int MAX_EXACT_TABLE = 1 << 20;
  private static final int INTERPOLATED_PHASES = 512;

  /** Kaiser's formula for the shape of the window, for more than 50 dB. */
  private static final double BETA = 0.1102 * (STOP_BAND_DB - 8.7);

  /** Kaiser's formula for the length, in samples of the lower rate; half of it on each side. */
  private static final double HALF_WIDTH =
      (STOP_BAND_DB - 7.95) / (14.36 * (1 - PASS_BAND_EDGE) / 2) / 2;

  /** Designs the filter for a reduced ratio, in double precision. */
  static PolyphaseFilter design(int up, int down) {
    double scale = Math.min(1.0, (double) up / down);
    double halfWidth = HALF_WIDTH / scale;
    int half = (int) Math.ceil(halfWidth);
    int taps = 2 * half;
    int phases = (long) up * taps <= MAX_EXACT_TABLE ? up : INTERPOLATED_PHASES;
    double bandwidth = scale * (1 + PASS_BAND_EDGE) / 2;
    float[] table = new float[(phases + 1) * taps];
    double[] row = new double[taps];
    for (int phase = 0; phase <= phases; phase++) {
      double sum = 0;
      for (int k = 0; k < taps; k++) {
        double t = (double) phase / phases - (k - half + 1);
        row[k] = sinc(bandwidth * t) * kaiser(t / halfWidth);
        sum += row[k];
      }
      for (int k = 0; k < taps; k++) {
        // Every phase passes a constant unchanged.
        table[phase * taps + k] = (float) (row[k] / sum);
      }
    }
    return new PolyphaseFilter(up, down, phases, taps, table);
  }

  private static double sinc(double x) {
    return x == 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
  }

  private static double kaiser(double x) {
    return Math.abs(x) > 1 ? 0 : besselI0(BETA * Math.sqrt(1 - x * x)) / besselI0(BETA);
  }

  /** Modified Bessel function of the first kind and order zero, by its power series. */
  private static double besselI0(double x) {
    double quarter = x * x / 4;
    double term = 1;
    double sum = 1;
    for (int k = 1; term > 1e-17 * sum; k++) {
      term *= quarter / ((double) k * k);
      sum += term;
    }
    return sum;
  }
}
