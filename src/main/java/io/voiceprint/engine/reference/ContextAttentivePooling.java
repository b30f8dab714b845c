package io.voiceprint.engine.reference;

import io.voiceprint.graph.Node;
import java.util.Arrays;

/**
 * {@link Node.ContextAttentivePooling}: as {@link AttentivePooling}, but each time step is scored
 * beside the mean and the standard deviation of the whole utterance.
 */
final class ContextAttentivePooling {
  private static final WeightedStatistics STATISTICS =
      new WeightedStatistics(Node.ContextAttentivePooling.VARIANCE_FLOOR);

  private final Node.ContextAttentivePooling node;
  private final Matrix hidden; // (H, 3C)
  private final Matrix score; // (C, H)
  private final Rounding rounding;

  ContextAttentivePooling(Node.ContextAttentivePooling node, Rounding rounding) {
    this.node = node;
    this.hidden = new Matrix(node.hiddenWeight(), node.hiddenBias(), rounding);
    this.score = new Matrix(node.scoreWeight(), node.scoreBias(), rounding);
    this.rounding = rounding;
  }

  void run(Activations in, Activations out, Workers workers) {
    int time = in.time();
    int channels = in.channels();
    float[] columns = new float[hidden.columnElements(time)];
    System.arraycopy(in.data(), in.offset(), columns, 0, channels * time);
    appendContext(in, columns, workers);
    float[] hiddenUnits = new float[score.columnElements(time)];
    hidden.multiply(columns, time, hiddenUnits, 0, time);
    for (int h = 0; h < node.hidden(); h++) {
      double scale = node.normScale().data()[h];
      double shift = node.normShift().data()[h];
      for (int i = h * time; i < (h + 1) * time; i++) {
        double normed = scale * Math.max(hiddenUnits[i], 0f) + shift;
        hiddenUnits[i] = rounding.round((float) Math.tanh(normed));
      }
    }
    float[] scores = new float[channels * time];
    score.multiply(hiddenUnits, time, scores, 0, time);
    STATISTICS.run(in, scores, out, workers);
  }

  /** Writes μ and σ behind x, the same at all times; equal scores make the statistics plain. */
  private void appendContext(Activations in, float[] columns, Workers workers) {
    int time = in.time();
    int channels = in.channels();
    Activations context = Activations.vector(2 * channels);
    STATISTICS.run(in, new float[channels * time], context, workers);
    rounding.round(context.data(), 0, 2 * channels);
    for (int i = 0; i < 2 * channels; i++) {
      int row = (channels + i) * time;
      Arrays.fill(columns, row, row + time, context.data()[i]);
    }
  }
}
