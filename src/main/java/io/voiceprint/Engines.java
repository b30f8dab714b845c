package io.voiceprint;

import io.voiceprint.engine.Engine;
import io.voiceprint.frontend.FbankOptions;
import io.voiceprint.graph.Graph;

/** Engines by themselves, without the queue that a {@link SpeakerEncoder} puts before them. */
public final class Engines {
  private Engines() {}

  /**
   * Opens the engine that an encoder with these options would use. It takes no care of its input:
   * see {@link Engine}.
   *
   * @param options of which device, precision, threads and the first of the GPUs are looked at
   * @return to be closed by the caller
   * @throws UnusableDeviceException if the device asked for is missing, cannot hold the network, or
   *     lacks the precision
   */
  public static Engine open(Graph graph, FbankOptions frontEnd, EncoderOptions options) {
    EncoderOptions one =
        options.gpus().size() > 1 ? options.withGpus(options.gpus().get(0)) : options;
    return EngineSelection.of(one).open(graph, frontEnd, one).get(0);
  }
}
