package io.voiceprint.audio;

import java.io.IOException;
import java.util.Arrays;

/** One channel of one FLAC frame (RFC 9639, section 9.2). */
final class FlacSubframe {
  /** Taps of the fixed predictors of orders 0 to 4 (RFC 9639, 9.2.5), nearest sample first. */
  private static final int[][] FIXED = {{}, {1}, {2, -1}, {3, -3, 1}, {4, -6, 4, -1}};

  private final ByteInput in;
  private final FlacBits bits;

  FlacSubframe(ByteInput in, FlacBits bits) {
    this.in = in;
    this.bits = bits;
  }

  /** The {@code block} samples of the channel, of {@code sampleBits} bits. */
  long[] read(int block, int sampleBits) throws IOException {
    if (bits.bits(1) != 0) {
      throw in.error("FLAC subframe is damaged (padding bit)");
    }
    int type = (int) bits.bits(6);
    int wasted = bits.bits(1) == 0 ? 0 : (int) Math.min(bits.unary(), 64) + 1;
    int width = sampleBits - wasted;
    if (width < 1) {
      throw in.error("FLAC subframe is damaged (%d of %d bits wasted)", wasted, sampleBits);
    }
    long[] samples = new long[block];
    if (type == 0) {
      Arrays.fill(samples, bits.signed(width));
    } else if (type == 1) {
      for (int i = 0; i < block; i++) {
        samples[i] = bits.signed(width);
      }
    } else if (type >= 8 && type <= 12) {
      warmUp(samples, type - 8, width);
      predict(samples, FIXED[type - 8], 0);
    } else if (type >= 32) {
      int order = type - 31;
      warmUp(samples, order, width);
      int precision = (int) bits.bits(4) + 1;
      int shift = (int) bits.signed(5);
      if (precision == 16 || shift < 0) {
        throw in.error("FLAC predictor is damaged (precision %d, shift %d)", precision, shift);
      }
      int[] taps = new int[order];
      for (int i = 0; i < order; i++) {
        taps[i] = (int) bits.signed(precision);
      }
      predict(samples, taps, shift);
    } else {
      throw in.error("FLAC subframe is of unknown type %d", type);
    }
    for (int i = 0; wasted > 0 && i < block; i++) {
      samples[i] <<= wasted;
    }
    return samples;
  }

  private void warmUp(long[] samples, int order, int width) throws IOException {
    if (order > samples.length) {
      throw in.error("FLAC predictor of order %d in %d samples", order, samples.length);
    }
    for (int i = 0; i < order; i++) {
      samples[i] = bits.signed(width);
    }
  }

  /** Adds the residual, read from the input, to the prediction from the samples before. */
  private void predict(long[] samples, int[] taps, int shift) throws IOException {
    int order = taps.length;
    readResidual(samples, order);
    for (int i = order; i < samples.length; i++) {
      long sum = 0;
      for (int k = 0; k < order; k++) {
        sum += taps[k] * samples[i - 1 - k];
      }
      samples[i] += sum >> shift;
    }
  }

  /** Rice codes in 2^n partitions, the first of them shorter by the predictor's order. */
  private void readResidual(long[] samples, int order) throws IOException {
    int method = (int) bits.bits(2);
    if (method > 1) {
      throw in.error("FLAC residual is of unknown coding method %d", method);
    }
    int parameterBits = 4 + method;
    int escape = (1 << parameterBits) - 1;
    int partitions = 1 << bits.bits(4);
    int length = samples.length / partitions;
    if (length * partitions != samples.length || length < order) {
      throw in.error(
          "FLAC residual is damaged (%d partitions of %d samples)", partitions, samples.length);
    }
    for (int partition = 0; partition < partitions; partition++) {
      int from = partition == 0 ? order : partition * length;
      int to = (partition + 1) * length;
      int parameter = (int) bits.bits(parameterBits);
      if (parameter == escape) {
        int width = (int) bits.bits(5);
        for (int i = from; i < to; i++) {
          samples[i] = bits.signed(width);
        }
      } else {
        for (int i = from; i < to; i++) {
          long folded = (bits.unary() << parameter) | bits.bits(parameter);
          samples[i] = (folded >>> 1) ^ -(folded & 1);
        }
      }
    }
  }
}
