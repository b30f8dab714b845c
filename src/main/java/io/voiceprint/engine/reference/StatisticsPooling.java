package io.voiceprint.engine.reference;

import io.voiceprint.graph.Node;
import io.voiceprint.graph.Statistics;

/**
 * {@link Node.StatisticsPooling}, in two passes and double precision: the difference of squares
 * would cancel.
 */
final class StatisticsPooling {
  private StatisticsPooling() {}

  static void run(Node.StatisticsPooling node, Activations in, Activations out) {
    Statistics statistics = node.statistics();
    int rows = in.channels() * in.frequency();
    int deviations = statistics.hasMean() ? rows : 0;
    int time = in.time();
    for (int row = 0; row < rows; row++) {
      int begin = in.offset() + row * time;
      double sum = 0;
      for (int t = begin; t < begin + time; t++) {
        sum += in.data()[t];
      }
      double mean = sum / time;
      if (statistics.hasMean()) {
        out.data()[out.offset() + row] = (float) mean;
      }
      if (statistics.hasStandardDeviation()) {
        double squares = 0;
        for (int t = begin; t < begin + time; t++) {
          double difference = in.data()[t] - mean;
          squares += difference * difference;
        }
        out.data()[out.offset() + deviations + row] =
            (float) Math.sqrt(squares / (time - 1) + node.epsilon());
      }
    }
  }
}
