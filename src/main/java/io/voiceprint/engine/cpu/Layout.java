package io.voiceprint.engine.cpu;

import org.bytedeco.dnnl.memory.format_tag;

/**
 * Order of a feature map in memory. Time is the outer and frequency the inner spatial axis
 * (oneDNN's H and W): the features need no transposition, rows behind the end of an utterance are
 * one piece of memory, and the kernels' shapes do not depend on the length.
 */
enum Layout {
  /** (C / 16, T, F, 16): a range of channel blocks is one piece of memory. */
  BLOCKS_OF_16(format_tag.nChw16c, 16),
  /** (C / 8, T, F, 8). */
  BLOCKS_OF_8(format_tag.nChw8c, 8),
  /** (T, F, C): what matrix units want. */
  CHANNELS_LAST(format_tag.nhwc, 16);

  private final format_tag tag;
  private final int block;

  Layout(format_tag tag, int block) {
    this.tag = tag;
    this.block = block;
  }

  format_tag tag() {
    return tag;
  }

  /** Parts are padded to a multiple of this many channels. */
  int block() {
    return block;
  }

  /** Whether a slice or a concatenation of channels is a view, not a copy. */
  boolean hasChannelViews() {
    return this != CHANNELS_LAST;
  }

  /** Adjacent channels of a value with {@code physical} channels. */
  int lanes(int physical) {
    return hasChannelViews() ? Math.min(block, physical) : physical;
  }
}
