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

  /**
   * The layout whose kernels are fastest on this processor. In float32 those for channel blocks are
   * as fast as those for channels last, and save the copies; of the matrix units (AMX), only the
   * latter make use.
   */
  static Layout preferred(DataType type) {
    if (type == DataType.BF16 && OneDnn.hasMatrixUnits()) {
      return CHANNELS_LAST;
    }
    return OneDnn.hasAvx512() ? BLOCKS_OF_16 : BLOCKS_OF_8;
  }

  /** oneDNN's name of the order of a map with {@code channels} physical channels. */
  format_tag tag(int channels) {
    return channels == 1 && hasChannelViews() ? format_tag.nchw : tag;
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
