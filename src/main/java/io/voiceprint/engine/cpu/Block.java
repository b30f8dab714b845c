package io.voiceprint.engine.cpu;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** A piece of the arena that is needed from one node to another. */
final class Block {
  /** Cache lines, and what oneDNN's widest vector instructions like. */
  private static final long ALIGNMENT = 64;

  private final long bytes;
  private final int firstNode;
  private final int lastNode;
  private long offset;

  /**
   * @param firstNode that writes it
   * @param lastNode that reads it
   */
  Block(long bytes, int firstNode, int lastNode) {
    this.bytes = (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    this.firstNode = firstNode;
    this.lastNode = lastNode;
  }

  /** Bytes from the start of the arena; defined once placed. */
  long offset() {
    return offset;
  }

  /**
   * Places blocks so that those needed at the same time do not overlap: the largest first, each at
   * the lowest offset that is free.
   *
   * @return the size of the arena
   */
  static long place(List<Block> blocks) {
    List<Block> placed = new ArrayList<>();
    long size = 0;
    List<Block> bySize = new ArrayList<>(blocks);
    bySize.sort(Comparator.comparingLong((Block block) -> block.bytes).reversed());
    for (Block block : bySize) {
      long offset = 0;
      for (Block other : placed) { // by offset
        if (other.firstNode <= block.lastNode && block.firstNode <= other.lastNode) {
          if (offset + block.bytes <= other.offset) {
            break;
          }
          offset = Math.max(offset, other.offset + other.bytes);
        }
      }
      block.offset = offset;
      size = Math.max(size, offset + block.bytes);
      placed.add(block);
      placed.sort(Comparator.comparingLong(Block::offset));
    }
    return size;
  }
}
