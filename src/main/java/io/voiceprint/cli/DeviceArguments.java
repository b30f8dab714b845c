package io.voiceprint.cli;

import io.voiceprint.Device;
import io.voiceprint.EncoderOptions;
import picocli.CommandLine.Option;

/** What computes, and with how much of it: the options that every computing command has. */
final class DeviceArguments {
  @Option(
      names = "--device",
      paramLabel = "D",
      description =
          "What computes: auto, cuda, cpu or reference. Without it, auto: the best that is there.")
  private Device device = EncoderOptions.DEFAULTS.device();

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "CPU threads. Without it, as many as there are processors.")
  private int threads = EncoderOptions.DEFAULTS.threads();

  @Option(
      names = "--lanes",
      paramLabel = "N",
      description =
          "Utterances that the device cpu computes at the same time; they share the threads, and one of more than 5 s takes two lanes unless others wait. Without it, 1, which answers a single call fastest; a few bear more load.")
  private int lanes = EncoderOptions.DEFAULTS.lanes();

  int threads() {
    return threads;
  }

  /**
   * The same options with this device.
   *
   * @throws IllegalArgumentException if a number is out of range
   */
  EncoderOptions applyTo(EncoderOptions options) {
    return options.withDevice(device).withThreads(threads).withLanes(lanes);
  }
}
