package io.voiceprint.engine.cpu;

import io.voiceprint.graph.Shape.FeatureMap;
import java.util.Arrays;

/** Feature maps between the arena and the graph's own order. */
final class Maps {
  private Maps() {}

  /**
   * Reads a feature map.
   *
   * @return (C, F, T) in C order
   */
  static float[] read(Arena arena, Region from, FeatureMap map, Channels channels, int frames) {
    int time = map.time(frames);
    int frequency = map.frequency();
    int lanes = from.lanes();
    int width = from.rowElements();
    float[] out = new float[Math.toIntExact(map.elements(frames))];
    float[] rows = new float[time * width];
    int loaded = -1;
    for (int c = 0; c < map.channels(); c++) {
      int position = channels.position()[c];
      if (position / lanes != loaded) {
        loaded = position / lanes;
        arena.read(from.groupOffset(loaded), from.type(), rows);
      }
      for (int f = 0; f < frequency; f++) {
        for (int t = 0; t < time; t++) {
          out[(c * frequency + f) * time + t] = rows[t * width + f * lanes + position % lanes];
        }
      }
    }
    return out;
  }

  /**
   * Writes a feature map; padding channels become zero.
   *
   * @param values (C, F, T) in C order
   */
  static void write(
      Arena arena, Region to, FeatureMap map, Channels channels, int frames, float[] values) {
    int time = map.time(frames);
    int frequency = map.frequency();
    int lanes = to.lanes();
    int width = to.rowElements();
    float[] rows = new float[time * width];
    int next = 0;
    for (int group = 0; group < to.groups(); group++) {
      Arrays.fill(rows, 0f);
      for (; next < map.channels() && channels.position()[next] / lanes == group; next++) {
        int lane = channels.position()[next] % lanes;
        for (int f = 0; f < frequency; f++) {
          for (int t = 0; t < time; t++) {
            rows[t * width + f * lanes + lane] = values[(next * frequency + f) * time + t];
          }
        }
      }
      arena.write(to.groupOffset(group), to.type(), rows);
    }
  }
}
