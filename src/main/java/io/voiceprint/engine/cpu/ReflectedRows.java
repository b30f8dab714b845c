package io.voiceprint.engine.cpu;

import io.voiceprint.graph.Shape.FeatureMap;

/**
 * Copies a value with as many mirrored rows before and behind the utterance as a kernel reaches:
 * oneDNN pads with zeros alone.
 *
 * @param from the value
 * @param map its shape
 * @param radius rows on either side, less than the utterance has
 * @param to a region with 2·radius rows more
 */
record ReflectedRows(Region from, FeatureMap map, int radius, Region to) implements Step {
  @Override
  public void execute(Run run) {
    int time = map.time(run.frames());
    long rowBytes = (long) from.rowElements() * from.type().bytes();
    for (int group = 0; group < from.groups(); group++) {
      long source = from.groupOffset(group);
      long target = to.groupOffset(group) + radius * rowBytes;
      run.arena().copy(source, target, time * rowBytes);
      for (int k = 1; k <= radius; k++) {
        run.arena().copy(source + k * rowBytes, target - k * rowBytes, rowBytes);
        run.arena()
            .copy(source + (time - 1 - k) * rowBytes, target + (time - 1 + k) * rowBytes, rowBytes);
      }
    }
  }
}
