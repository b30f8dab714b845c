package io.voiceprint.bench;

import io.voiceprint.engine.DeviceLimits;
import java.util.List;

/**
 * The least times that work could take by each of a device's ceilings, if the others cost nothing.
 * What takes much longer than all three waits for something else.
 *
 * @param arithmetic ms at the rate of the fastest convolution
 * @param memory ms at the bandwidth of the device's memory, as if no cache held anything; what lies
 *     in a cache can be faster
 * @param launches ms if the launches did next to nothing
 */
record LeastTimes(double arithmetic, double memory, double launches) {
  private static final double GIGA = 1e9;

  /** Of a layer, whose launches are timed one by one. */
  static LeastTimes of(Layer layer, Ceiling ceiling, DeviceLimits device) {
    return of(layer.flop(), layer.bytes(), layer.launches(), device.launchNanos(), ceiling, device);
  }

  /** Of a whole pass, whose launches are replayed as a CUDA graph. */
  static LeastTimes of(List<Layer> layers, Ceiling ceiling, DeviceLimits device) {
    return of(
        layers.stream().mapToLong(Layer::flop).sum(),
        layers.stream().mapToLong(Layer::bytes).sum(),
        layers.stream().mapToInt(Layer::launches).sum(),
        device.graphLaunchNanos(),
        ceiling,
        device);
  }

  private static LeastTimes of(
      long flop,
      long bytes,
      int launches,
      double launchNanos,
      Ceiling ceiling,
      DeviceLimits device) {
    return new LeastTimes(
        1e3 * flop / (GIGA * ceiling.gflopPerSecond()),
        1e3 * bytes / device.bytesPerSecond(),
        1e-6 * launches * launchNanos);
  }

  /** The largest of them. */
  double longest() {
    return Math.max(arithmetic, Math.max(memory, launches));
  }

  /** What the largest is of, in a word: the ceiling that the work comes nearest to. */
  String limit() {
    return longest() == launches ? "launches" : longest() == memory ? "memory" : "arithmetic";
  }
}
