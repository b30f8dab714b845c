package io.voiceprint;

import io.voiceprint.engine.Engine;
import io.voiceprint.frontend.FbankOptions;
import io.voiceprint.graph.Graph;
import java.util.List;

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

  /**
   * Closes all of them, whether or not one fails.
   *
   * @throws RuntimeException the first failure, the others as suppressed
   */
  static void closeAll(List<Engine> engines) {
    RuntimeException failure = null;
    for (Engine engine : engines) {
      try {
        engine.close();
      } catch (RuntimeException e) {
        if (failure == null) {
          failure = e;
        } else {
          failure.addSuppressed(e);
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
  }
}
