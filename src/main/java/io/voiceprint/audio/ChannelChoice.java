package io.voiceprint.audio;

/** How several channels become one. */
public enum ChannelChoice {
  /** The first channel alone, as the reference implementation does. */
  FIRST,
  /** The mean of all channels. */
  MIX
}
