package io.voiceprint.engine.reference;

import io.voiceprint.graph.Node;

/**
 * {@link Node.AttentivePooling}: a small network scores each time step of each row; a softmax over
 * time weighs them.
 */
final class AttentivePooling {
  private static final WeightedStatistics STATISTICS = new WeightedStatistics(1e-10);

  private final Matrix hidden;
  private final Matrix score;
  private final Rounding rounding;

  AttentivePooling(Node.AttentivePooling node, Rounding rounding) {
    this.hidden = new Matrix(node.hiddenWeight(), node.hiddenBias(), rounding);
    this.score = new Matrix(node.scoreWeight(), node.scoreBias(), rounding);
    this.rounding = rounding;
  }

  void run(Activations in, Activations out, Workers workers) {
    int time = in.time();
    int rows = in.channels() * in.frequency();
    float[] columns = new float[hidden.columnElements(time)];
    System.arraycopy(in.data(), in.offset(), columns, 0, rows * time);
    float[] hiddenUnits = new float[score.columnElements(time)];
    hidden.multiply(columns, time, hiddenUnits, 0, time);
    for (int i = 0; i < hidden.rows() * time; i++) {
      hiddenUnits[i] = rounding.round((float) Math.tanh(hiddenUnits[i]));
    }
    float[] scores = new float[rows * time];
    score.multiply(hiddenUnits, time, scores, 0, time);
    STATISTICS.run(in, scores, out, workers);
  }
}
