package io.voiceprint.engine.cpu;

import io.voiceprint.graph.Node;
import io.voiceprint.graph.Shape.FeatureMap;

/**
 * What the mean and the standard deviation of the whole utterance add to each hidden unit of a
 * {@link Node.ContextAttentivePooling}: a bias, because they are the same at all times.
 *
 * @param weight of the hidden units, (H, 3C), C order: read in every run
 * @param from the pooled map
 * @param channels where its channels lie
 * @param units where the hidden units lie
 * @param to the bias, float32
 */
record ContextBias(
    Node.ContextAttentivePooling node,
    float[] weight,
    Region from,
    Channels channels,
    Channels units,
    Region to)
    implements Step {

  @Override
  public void execute(Run run) {
    FeatureMap map = node.input().map();
    double[] statistics = statistics(run, map.time(run.frames()), map.channels());
    int width = node.hiddenWeight().extent(1);
    float[] bias = new float[units.physical()];
    for (int h = 0; h < node.hidden(); h++) {
      double sum = node.hiddenBias().data()[h];
      int row = h * width + map.channels();
      for (int i = 0; i < statistics.length; i++) {
        sum += weight[row + i] * statistics[i];
      }
      bias[units.position()[h]] = (float) sum;
    }
    run.arena().write(to.groupOffset(0), DataType.FP32, bias);
  }

  /** Means of all channels, then standard deviations; in two passes. */
  private double[] statistics(Run run, int time, int count) {
    int lanes = from.lanes();
    double[] means = new double[from.channels()];
    double[] squares = new double[from.channels()];
    float[] rows = new float[time * lanes];
    for (int group = 0; group < from.groups(); group++) {
      run.arena().read(from.groupOffset(group), from.type(), rows);
      int at = group * lanes;
      for (int i = 0; i < rows.length; i++) {
        means[at + i % lanes] += rows[i];
      }
      for (int lane = 0; lane < lanes; lane++) {
        means[at + lane] /= time;
      }
      for (int i = 0; i < rows.length; i++) {
        double difference = rows[i] - means[at + i % lanes];
        squares[at + i % lanes] += difference * difference;
      }
    }
    double[] statistics = new double[2 * count];
    for (int c = 0; c < count; c++) {
      int position = channels.position()[c];
      statistics[c] = means[position];
      statistics[count + c] =
          Math.sqrt(
              Math.max(squares[position] / time, Node.ContextAttentivePooling.VARIANCE_FLOOR));
    }
    return statistics;
  }
}
