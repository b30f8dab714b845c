package io.voiceprint.engine.cpu;

import io.voiceprint.graph.Shape.FeatureMap;

/**
 * Zeroes the rows right behind the end of an utterance that is shorter than its bucket, as far as
 * the next convolution's kernel reaches: it then sees the zero padding that it would see alone.
 * What lies further behind is computed from garbage and read by nobody.
 *
 * @param region of a value
 * @param map the value's shape
 * @param rows radius of the kernel along time
 */
record TailZeros(Region region, FeatureMap map, int rows) implements Step {
  @Override
  public void execute(Run run) {
    int end = map.time(run.frames());
    int count = Math.min(rows, region.time() - end);
    if (count <= 0) {
      return;
    }
    long rowBytes = region.rowBytes();
    for (int group = 0; group < region.groups(); group++) {
      run.arena().zero(region.groupOffset(group) + end * rowBytes, count * rowBytes);
    }
  }
}
