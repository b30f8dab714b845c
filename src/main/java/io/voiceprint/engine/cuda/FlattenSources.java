package io.voiceprint.engine.cuda;

import io.voiceprint.graph.Shape.FeatureMap;
import java.util.Arrays;

/** For each channel in memory of a flattened map, the row and channel that it comes from. */
final class FlattenSources {
  private final WeightStore.Slot rows;
  private final WeightStore.Slot channels;

  FlattenSources(FeatureMap map, ChannelLayout in, ChannelLayout out, WeightStore weights) {
    int[] sourceRows = new int[out.width()];
    int[] sourceChannels = new int[out.width()];
    Arrays.fill(sourceRows, -1);
    for (int c = 0; c < map.channels(); c++) {
      for (int f = 0; f < map.frequency(); f++) {
        int to = out.at(c * map.frequency() + f);
        sourceRows[to] = f;
        sourceChannels[to] = in.at(c);
      }
    }
    rows = weights.ints(sourceRows);
    channels = weights.ints(sourceChannels);
  }

  FlattenKernel.Sources addresses() {
    return new FlattenKernel.Sources(rows.address(), channels.address());
  }
}
