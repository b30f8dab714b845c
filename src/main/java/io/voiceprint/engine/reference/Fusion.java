package io.voiceprint.engine.reference;

import io.voiceprint.graph.Node;

/**
 * {@link Node.AttentionalFusion}: two matrices over the channels of each pixel, a SiLU, a tanh
 * gate, and the blend.
 */
final class Fusion {
  private static final int BLOCK_PIXELS = 256;

  private final Matrix squeeze;
  private final Matrix expand;
  private final Rounding rounding;

  Fusion(Node.AttentionalFusion node, Rounding rounding) {
    this.squeeze = new Matrix(node.squeezeWeight(), node.squeezeBias(), rounding);
    this.expand = new Matrix(node.expandWeight(), node.expandBias(), rounding);
    this.rounding = rounding;
  }

  void run(Activations x, Activations y, Activations out, Workers workers) {
    int pixels = x.pixels();
    int blocks = (pixels + BLOCK_PIXELS - 1) / BLOCK_PIXELS;
    int capacity = Math.min(pixels, BLOCK_PIXELS);
    workers.forEach(
        blocks,
        squeeze.columnElements(capacity),
        (block, columns) -> {
          int from = block * BLOCK_PIXELS;
          int count = Math.min(BLOCK_PIXELS, pixels - from);
          gather(x, from, count, columns, 0);
          gather(y, from, count, columns, x.channels() * count);
          float[] hidden = new float[expand.columnElements(count)];
          squeeze.multiply(columns, count, hidden, 0, count);
          for (int i = 0; i < squeeze.rows() * count; i++) {
            hidden[i] = rounding.round(silu(hidden[i]));
          }
          expand.multiply(hidden, count, out.data(), out.offset() + from, pixels);
          blend(x, y, out, from, count);
        });
  }

  private static void gather(Activations map, int from, int count, float[] columns, int to) {
    for (int c = 0; c < map.channels(); c++) {
      System.arraycopy(map.data(), map.channel(c) + from, columns, to + c * count, count);
    }
  }

  private void blend(Activations x, Activations y, Activations out, int from, int count) {
    for (int c = 0; c < out.channels(); c++) {
      int o = out.channel(c) + from;
      int xi = x.channel(c) + from;
      int yi = y.channel(c) + from;
      for (int i = 0; i < count; i++) {
        float gate = (float) Math.tanh(out.data()[o + i]);
        out.data()[o + i] =
            rounding.round(x.data()[xi + i] * (1f + gate) + y.data()[yi + i] * (1f - gate));
      }
    }
  }

  private static float silu(float x) {
    return (float) (x / (1.0 + Math.exp(-x)));
  }
}
