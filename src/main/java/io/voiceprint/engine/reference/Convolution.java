package io.voiceprint.engine.reference;

import io.voiceprint.graph.Node;
import io.voiceprint.graph.Tensor;
import java.util.Arrays;

/**
 * A {@link Node.Conv2d} as a matrix product: each block of output pixels gathers its receptive
 * fields into columns ({@code im2col}), which the weight matrix (O, I·KF·KT) multiplies.
 */
final class Convolution {
  /** Output pixels per task: their columns and sums stay in the first- and second-level cache. */
  private static final int BLOCK_PIXELS = 256;

  private final Node.Conv2d node;
  private final Matrix matrix;
  private final Rounding rounding;
  private final boolean roundsProduct;

  /**
   * @param roundsProduct whether the product is rounded before bias and residual are added, besides
   *     the result
   */
  Convolution(Node.Conv2d node, Rounding rounding, boolean roundsProduct) {
    this.node = node;
    this.matrix =
        new Matrix(
            node.weight(),
            roundsProduct
                ? Tensor.of(new float[node.outChannels()], node.outChannels())
                : node.bias(),
            rounding);
    this.rounding = rounding;
    this.roundsProduct = roundsProduct;
  }

  /**
   * Computes {@code out} = activation(conv(in) + bias + residual).
   *
   * @param residual of the shape of {@code out}, or {@code null}
   */
  void run(Activations in, Activations residual, Activations out, Workers workers) {
    int pixels = out.pixels();
    int blocks = (pixels + BLOCK_PIXELS - 1) / BLOCK_PIXELS;
    workers.forEach(
        blocks,
        matrix.columnElements(Math.min(pixels, BLOCK_PIXELS)),
        (block, columns) -> {
          int from = block * BLOCK_PIXELS;
          int count = Math.min(BLOCK_PIXELS, pixels - from);
          gather(in, out.time(), from, count, columns);
          matrix.multiply(columns, count, out.data(), out.offset() + from, pixels);
          finish(residual, out, from, count);
        });
  }

  private void finish(Activations residual, Activations out, int from, int count) {
    float[] y = out.data();
    for (int c = 0; c < out.channels(); c++) {
      int begin = out.channel(c) + from;
      if (roundsProduct) {
        rounding.round(y, begin, count);
        for (int i = begin; i < begin + count; i++) {
          y[i] += node.bias().data()[c];
        }
      }
      if (residual != null) {
        int r = residual.channel(c) + from;
        for (int i = 0; i < count; i++) {
          y[begin + i] += residual.data()[r + i];
        }
      }
      for (int i = begin; i < begin + count; i++) {
        y[i] = node.activation().apply(y[i]);
      }
      rounding.round(y, begin, count);
    }
  }

  /**
   * Row (ic, kf, kt) of the columns holds what that weight multiplies, for each of the block's
   * pixels.
   */
  private void gather(Activations in, int outTime, int from, int count, float[] columns) {
    int row = 0;
    for (int c = 0; c < node.inChannels(); c++) {
      for (int kf = 0; kf < node.kernelF(); kf++) {
        for (int kt = 0; kt < node.kernelT(); kt++) {
          gatherRow(
              in,
              c,
              kf - node.kernelF() / 2,
              kt * node.geometry().dilationT() - node.radiusT(),
              outTime,
              from,
              count,
              columns,
              row);
          row += count;
        }
      }
    }
  }

  private void gatherRow(
      Activations in,
      int c,
      int df,
      int dt,
      int outTime,
      int from,
      int count,
      float[] columns,
      int row) {
    int done = 0;
    while (done < count) {
      int f = (from + done) / outTime;
      int t = (from + done) % outTime;
      int run = Math.min(count - done, outTime - t);
      int inF = f * node.geometry().strideF() + df;
      if (inF < 0 || inF >= in.frequency()) {
        Arrays.fill(columns, row + done, row + done + run, 0f);
      } else {
        gatherRun(
            in,
            in.channel(c) + inF * in.time(),
            t * node.geometry().strideT() + dt,
            run,
            columns,
            row + done);
      }
      done += run;
    }
  }

  /** Copies {@code run} samples of one input row, from time {@code inT} on, padded. */
  private void gatherRun(Activations in, int rowStart, int inT, int run, float[] columns, int to) {
    int stride = node.geometry().strideT();
    int before = inT >= 0 ? 0 : Math.min(run, (-inT + stride - 1) / stride);
    int inside = Math.max(before, Math.min(run, (in.time() - inT + stride - 1) / stride));
    for (int i = 0; i < before; i++) {
      columns[to + i] = beyondEnds(in, rowStart, inT + i * stride);
    }
    for (int i = inside; i < run; i++) {
      columns[to + i] = beyondEnds(in, rowStart, inT + i * stride);
    }
    if (stride == 1 && inside > before) {
      System.arraycopy(in.data(), rowStart + inT + before, columns, to + before, inside - before);
    } else {
      for (int i = before; i < inside; i++) {
        columns[to + i] = in.data()[rowStart + inT + i * stride];
      }
    }
  }

  /** What the kernel reads at time {@code t} before the first or behind the last time step. */
  private float beyondEnds(Activations in, int rowStart, int t) {
    return switch (node.geometry().padding()) {
      case ZERO -> 0f;
      case REFLECT -> in.data()[rowStart + (t < 0 ? -t : 2 * (in.time() - 1) - t)];
    };
  }
}
