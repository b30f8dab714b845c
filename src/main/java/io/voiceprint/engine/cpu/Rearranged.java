package io.voiceprint.engine.cpu;

import io.voiceprint.graph.Shape.FeatureMap;

/**
 * Writes a value once more under another shape or with other padding of its channels.
 *
 * @param map shape of what is read
 * @param toMap shape of what is written, of as many elements in the same C order
 */
record Rearranged(
    Region from,
    FeatureMap map,
    Channels channels,
    Region to,
    FeatureMap toMap,
    Channels toChannels)
    implements Step {
  @Override
  public void execute(Run run) {
    float[] values = Maps.read(run.arena(), from, map, channels, run.frames());
    Maps.write(run.arena(), to, toMap, toChannels, run.frames(), values);
  }
}
