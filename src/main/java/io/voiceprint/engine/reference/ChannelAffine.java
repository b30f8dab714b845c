package io.voiceprint.engine.reference;

import io.voiceprint.graph.Node;

/** {@link Node.ChannelAffine}. */
final class ChannelAffine {
  private ChannelAffine() {}

  static void run(Node.ChannelAffine node, Activations in, Activations out) {
    for (int c = 0; c < out.channels(); c++) {
      float scale = node.scale().data()[c];
      float shift = node.shift().data()[c];
      int from = in.channel(c);
      int to = out.channel(c);
      for (int i = 0; i < out.pixels(); i++) {
        out.data()[to + i] = node.activation().apply(scale * in.data()[from + i] + shift);
      }
    }
  }
}
