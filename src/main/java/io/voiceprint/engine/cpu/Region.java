package io.voiceprint.engine.cpu;

import org.bytedeco.dnnl.memory.desc;

/**
 * A feature map (C, T, F) in the arena.
 *
 * @param block the piece of the arena it lies in
 * @param byteOffset within the block
 * @param channels physical channels
 * @param time rows T, of the bucket or of a strip
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

  /** Bytes of one row of one group. */
  long rowBytes() {
    return (long) rowElements() * type.bytes();
  }

  long groupBytes() {
    return time * rowBytes();
  }

  /** From the start of the arena. */
  long groupOffset(int group) {
    return block.offset() + byteOffset + group * groupBytes();
  }
}
