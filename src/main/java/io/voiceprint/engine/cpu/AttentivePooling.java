package io.voiceprint.engine.cpu;

import io.voiceprint.graph.Shape.FeatureMap;

/**
 * Softmax of the scores over time, then the weighted mean and standard deviation of each row.
 *
 * @param from the feature map
 * @param scores one channel per row (c, f) of the map
 * @param map the map's shape
 * @param channels where the map's channels lie
 * @param rows where the scores' channels lie
 * @param varianceFloor what a variance is raised to where it is smaller
 * @param to the vector
 */
record AttentivePooling(
    Region from,
    Region scores,
    FeatureMap map,
    Channels channels,
    Channels rows,
    double varianceFloor,
    Region to)
    implements Step {

  @Override
  public void execute(Run run) {
    int time = map.time(run.frames());
    int count = map.channels() * map.frequency();
    float[] values = Maps.read(run.arena(), from, map, channels, run.frames());
    FeatureMap column = new FeatureMap(count, 1, map.timeStride());
    float[] weights = Maps.read(run.arena(), scores, column, rows, run.frames());
    float[] out = new float[2 * count];
    run.workers()
        .forEach(count, row -> pool(values, weights, row * time, time, out, row, count + row));
    run.arena().write(to.groupOffset(0), to.type(), out);
  }

  private void pool(
      float[] values, float[] scores, int at, int time, float[] out, int meanAt, int deviationAt) {
    float max = Float.NEGATIVE_INFINITY;
    for (int t = 0; t < time; t++) {
      max = Math.max(max, scores[at + t]);
    }
    double total = 0;
    double sum = 0;
    for (int t = 0; t < time; t++) {
      float weight = (float) Math.exp(scores[at + t] - max);
      scores[at + t] = weight;
      total += weight;
      sum += (double) weight * values[at + t];
    }
    double mean = sum / total;
    double squares = 0;
    for (int t = 0; t < time; t++) {
      double difference = values[at + t] - mean;
      squares += scores[at + t] * difference * difference;
    }
    out[meanAt] = (float) mean;
    out[deviationAt] = (float) Math.sqrt(Math.max(squares / total, varianceFloor));
  }
}
