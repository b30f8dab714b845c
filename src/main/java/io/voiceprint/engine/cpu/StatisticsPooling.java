package io.voiceprint.engine.cpu;

import io.voiceprint.graph.Shape.FeatureMap;
import io.voiceprint.graph.Statistics;

/**
 * Mean and unbiased standard deviation over time, in two passes: the difference of squares would
 * cancel.
 *
 * @param epsilon added to the variance
 * @param from the feature map
 * @param map its shape
 * @param channels where its channels lie
 * @param to the vector
 */
record StatisticsPooling(
    Statistics statistics,
    double epsilon,
    Region from,
    FeatureMap map,
    Channels channels,
    Region to)
    implements Step {
  private static final int PARTIAL_ROWS = 32;

  @Override
  public void execute(Run run) {
    int time = map.time(run.frames());
    int width = from.rowElements();
    int lanes = from.lanes();
    float[] means = new float[from.groups() * width];
    float[] deviations = new float[from.groups() * width];
    float[] rows = new float[time * width];
    for (int group = 0; group < from.groups(); group++) {
      run.arena().read(from.groupOffset(group), from.type(), rows);
      pool(rows, time, width, means, deviations, group * width);
    }
    int frequency = map.frequency();
    int count = map.channels() * frequency;
    float[] out = new float[count * statistics.count()];
    int deviationsAt = statistics.hasMean() ? count : 0;
    for (int c = 0; c < map.channels(); c++) {
      int position = channels.position()[c];
      int read = position / lanes * width + position % lanes;
      for (int f = 0; f < frequency; f++, read += lanes) {
        if (statistics.hasMean()) {
          out[c * frequency + f] = means[read];
        }
        if (statistics.hasStandardDeviation()) {
          out[deviationsAt + c * frequency + f] = deviations[read];
        }
      }
    }
    run.arena().write(to.groupOffset(0), to.type(), out);
  }

  /** Sums in float32 over few rows, which the compiler vectorises, and from there in float64. */
  private void pool(float[] rows, int time, int width, float[] means, float[] deviations, int at) {
    double[] sums = new double[width];
    double[] squares = new double[width];
    float[] partial = new float[width];
    for (int begin = 0; begin < time; begin += PARTIAL_ROWS) {
      for (int t = begin; t < Math.min(begin + PARTIAL_ROWS, time); t++) {
        addRow(rows, t * width, partial);
      }
      drain(partial, sums);
    }
    for (int i = 0; i < width; i++) {
      means[at + i] = (float) (sums[i] / time);
    }
    for (int begin = 0; begin < time; begin += PARTIAL_ROWS) {
      for (int t = begin; t < Math.min(begin + PARTIAL_ROWS, time); t++) {
        addSquares(rows, t * width, means, at, partial);
      }
      drain(partial, squares);
    }
    for (int i = 0; i < width; i++) {
      deviations[at + i] = (float) Math.sqrt(squares[i] / (time - 1) + epsilon);
    }
  }

  private static void addRow(float[] rows, int from, float[] sums) {
    for (int i = 0; i < sums.length; i++) {
      sums[i] += rows[from + i];
    }
  }

  private static void addSquares(float[] rows, int from, float[] means, int at, float[] sums) {
    for (int i = 0; i < sums.length; i++) {
      float difference = rows[from + i] - means[at + i];
      sums[i] += difference * difference;
    }
  }

  private static void drain(float[] partial, double[] sums) {
    for (int i = 0; i < sums.length; i++) {
      sums[i] += partial[i];
      partial[i] = 0;
    }
  }
}
