package io.voiceprint.engine.cpu;

import org.bytedeco.dnnl.memory.desc;

/**
 * A feature map (C, T, F) in the arena.
 *
 * @param block the piece of the arena it lies in
 * @param byteOffset within the block
 * @param channels physical channels
 * @param time rows T, of the bucket
 * @param frequency columns F
 */
record Region(
    Block block,
    long byteOffset,
    int channels,
    int time,
    int frequency,
    DataType type,
    Layout layout) {

  desc desc() {
    return new desc(new long[] {1, channels, time, frequency}, type.dnnl(), layout.tag(channels));
  }

  /** Adjacent channels. */
  int lanes() {
    return layout.lanes(channels);
  }

  /** Pieces of T·F·lanes elements, one behind the other. */
  int groups() {
    return channels / lanes();
  }

  /** Elements of one row of one group. */
  int rowElements() {
    return frequency * lanes();
  }

  long groupBytes() {
    return (long) time * rowElements() * type.bytes();
  }

  /** From the start of the arena. */
  long groupOffset(int group) {
    return block.offset() + byteOffset + group * groupBytes();
  }
}
