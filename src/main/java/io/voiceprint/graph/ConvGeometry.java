package io.voiceprint.graph;

/**
 * How the kernel of a {@link Node.Conv2d} moves over its input. With stride s an extent X becomes
 * ceil(X / s).
 *
 * @param strideF step along frequency, at least 1
 * @param strideT step along time, at least 1
 * @param dilationT time steps between neighbouring taps of the kernel, at least 1
 * @param padding what the kernel reads beyond an utterance's ends along time; along frequency it
 *     always reads zeros
 */
public record ConvGeometry(int strideF, int strideT, int dilationT, Padding padding) {

  /** What a kernel reads where it reaches beyond the first or last time step of an utterance. */
  public enum Padding {
    ZERO,
    /**
     * The utterance mirrored at its first and last time step, which are not repeated: step -k reads
     * step k. Needs more time steps than the kernel reaches beyond an end.
     */
    REFLECT
  }

  public ConvGeometry {
    if (strideF < 1 || strideT < 1 || dilationT < 1) {
      throw new IllegalArgumentException(
          "strideF=%d, strideT=%d, dilationT=%d".formatted(strideF, strideT, dilationT));
    }
  }

  /** The same stride along both axes, no dilation, zeros beyond the ends. */
  public static ConvGeometry square(int stride) {
    return new ConvGeometry(stride, stride, 1, Padding.ZERO);
  }

  /** A stride along frequency alone, as in CAM++'s head. */
  public static ConvGeometry alongFrequency(int strideF) {
    return new ConvGeometry(strideF, 1, 1, Padding.ZERO);
  }

  /** A one-dimensional convolution along time. */
  public static ConvGeometry alongTime(int strideT, int dilationT, Padding padding) {
    return new ConvGeometry(1, strideT, dilationT, padding);
  }

  /** Whether this is {@link #square} of some stride. */
  public boolean isSquare() {
    return strideF == strideT && dilationT == 1 && padding == Padding.ZERO;
  }
}
