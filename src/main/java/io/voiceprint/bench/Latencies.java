package io.voiceprint.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Base64;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import org.HdrHistogram.Histogram;

/** Times of calls, to three digits, from nanoseconds up. For one thread. */
final class Latencies {
  private static final int DIGITS = 3;

  private final Histogram histogram;

  Latencies() {
    this(new Histogram(DIGITS));
  }

  private Latencies(Histogram histogram) {
    this.histogram = histogram;
  }

  /**
   * The inverse of {@link #encoded}.
   *
   * @throws IOException if it is not a histogram
   */
  static Latencies decode(String encoded) throws IOException {
    try {
      ByteBuffer bytes = ByteBuffer.wrap(Base64.getDecoder().decode(encoded));
      return new Latencies(Histogram.decodeFromCompressedByteBuffer(bytes, 0));
    } catch (DataFormatException | RuntimeException e) {
      throw new IOException("not a compressed histogram: " + e.getMessage(), e);
    }
  }

  /** One more call. */
  void record(long nanos) {
    histogram.recordValue(Math.max(0, nanos));
  }

  /** All calls of another. */
  void add(Latencies other) {
    histogram.add(other.histogram);
  }

  long calls() {
    return histogram.getTotalCount();
  }

  /** Mean, extremes and percentiles; there is at least one call. */
  Percentiles percentiles() {
    return new Percentiles(
        histogram.getMean() * 1e-6,
        histogram.getMinValue() * 1e-6,
        ms(50),
        ms(90),
        ms(99),
        ms(99.9),
        histogram.getMaxValue() * 1e-6);
  }

  private double ms(double percent) {
    // Of a bucket of equal times its upper end is told, which may lie above the slowest call.
    return Math.min(histogram.getValueAtPercentile(percent), histogram.getMaxValue()) * 1e-6;
  }

  /** All of them in HdrHistogram's own form: version 2, deflated, in base64; in nanoseconds. */
  String encoded() {
    ByteBuffer buffer = ByteBuffer.allocate(histogram.getNeededByteBufferCapacity());
    int length = histogram.encodeIntoCompressedByteBuffer(buffer, Deflater.BEST_COMPRESSION);
    return Base64.getEncoder().encodeToString(Arrays.copyOf(buffer.array(), length));
  }
}
