package io.voiceprint.engine.cuda;

import io.voiceprint.graph.Graph;
import io.voiceprint.graph.Node;
import io.voiceprint.graph.Shape.FeatureMap;

/**
 * Where clips may lie in a packed row, so that each sees what it would see alone. A clip starts at
 * a multiple of the alignment, so that its columns at every level start at a whole column, and is
 * followed by so many zero columns that no kernel reaches from one clip into the next.
 *
 * @param alignment in frames: the least common multiple of the time strides of all feature maps
 * @param gap in frames, a multiple of the alignment: at each level at least the kernel radius
 */
record RowGeometry(int alignment, int gap) {

  /** Derives both from the strides and kernels of a graph. */
  static RowGeometry of(Graph graph) {
    int alignment = 1;
    int reach = 0;
    for (Node node : graph.nodes()) {
      if (node.output().shape() instanceof FeatureMap map) {
        alignment = leastCommonMultiple(alignment, map.timeStride());
      }
      if (node instanceof Node.Conv2d conv) {
        reach = Math.max(reach, conv.radiusT() * conv.input().map().timeStride());
      }
    }
    return new RowGeometry(alignment, roundUp(reach, alignment));
  }

  /** Columns that a clip of {@code frames} frames takes at the finest level, its gap included. */
  int footprint(int frames) {
    return roundUp(frames, alignment) + gap;
  }

  /** Most frames whose footprint is at most {@code columns}. */
  int framesWithin(int columns) {
    return (columns - gap) / alignment * alignment;
  }

  static int roundUp(int value, int multiple) {
    return Math.multiplyExact((value + multiple - 1) / multiple, multiple);
  }

  private static int leastCommonMultiple(int a, int b) {
    int x = a;
    int y = b;
    while (y != 0) {
      int rest = x % y;
      x = y;
      y = rest;
    }
    return a / x * b;
  }
}
