package io.voiceprint.engine.cpu;

import io.voiceprint.graph.ConvGeometry;
import io.voiceprint.graph.Node;

/**
 * Geometry of a convolution along T and F.
 *
 * @param kernelT extent along time
 * @param kernelF extent along frequency
 * @param dilationT rows between neighbouring taps
 * @param padT zero rows on either side
 * @param padF zero columns on either side
 */
record Window(
    int kernelT, int kernelF, int strideT, int strideF, int dilationT, int padT, int padF) {
  /** A node's own; what it pads by reflection is padded beforehand. */
  static Window of(Node.Conv2d conv) {
    ConvGeometry geometry = conv.geometry();
    boolean zeros = geometry.padding() == ConvGeometry.Padding.ZERO;
    return new Window(
        conv.kernelT(),
        conv.kernelF(),
        geometry.strideT(),
        geometry.strideF(),
        geometry.dilationT(),
        zeros ? conv.radiusT() : 0,
        conv.kernelF() / 2);
  }

  /** One that spans {@code frequency} without padding. */
  static Window column(int frequency) {
    return new Window(1, frequency, 1, 1, 1, 0, 0);
  }

  static Window pixel() {
    return column(1);
  }
}
