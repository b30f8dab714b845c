package io.voiceprint.engine.reference;

/**
 * Mean and standard deviation over time of rows whose time steps are weighed by a softmax of their
 * scores, in double precision.
 *
 * @param varianceFloor what a variance is raised to where it is smaller
 */
record WeightedStatistics(double varianceFloor) {

  /**
   * Computes all rows (C·F) of {@code in}.
   *
   * @param scores (C·F, T)
   * @param out means (C·F), then standard deviations
   */
  void run(Activations in, float[] scores, Activations out, Workers workers) {
    int rows = in.channels() * in.frequency();
    workers.forEach(
        rows, 0, (row, scratch) -> pool(in, scores, row, out.data(), out.offset() + row, rows));
  }

  private void pool(Activations in, float[] scores, int row, float[] out, int at, int rows) {
    int time = in.time();
    int s = row * time;
    int x = in.offset() + row * time;
    double max = Double.NEGATIVE_INFINITY;
    for (int t = 0; t < time; t++) {
      max = Math.max(max, scores[s + t]);
    }
    double[] weights = new double[time];
    double total = 0;
    double sum = 0;
    for (int t = 0; t < time; t++) {
      weights[t] = Math.exp(scores[s + t] - max);
      total += weights[t];
      sum += weights[t] * in.data()[x + t];
    }
    double mean = sum / total;
    double squares = 0;
    for (int t = 0; t < time; t++) {
      double difference = in.data()[x + t] - mean;
      squares += weights[t] * difference * difference;
    }
    out[at] = (float) mean;
    out[at + rows] = (float) Math.sqrt(Math.max(squares / total, varianceFloor));
  }
}
