package io.voiceprint.diagnosis;

import io.voiceprint.UnusableDeviceException;
import io.voiceprint.cuda.CudaDevice;
import io.voiceprint.engine.EngineException;
import io.voiceprint.engine.Precision;
import io.voiceprint.engine.cuda.CudaEngines;
import io.voiceprint.engine.cuda.Tuner;
import io.voiceprint.engine.cuda.Tuning;
import io.voiceprint.model.SpeakerModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * What was fastest on the first usable GPU, measured now and kept for every encoder that is opened
 * on it later.
 *
 * @param device that was measured
 * @param file where the choices are kept, with those of earlier runs
 * @param choices implementation by layer, of this run
 * @param explanation every candidate of every layer with its time
 */
public record CudaTuning(
    String device, Path file, Map<String, String> choices, String explanation) {
  private static final String LETTERS =
      """
      Layers by their extents: F rows, T/ time stride, channels I in, O out, C both, R within a gate, P in a part x parts;
      k kernel, s stride, d dilation, n 3x3 convolutions. Layers of the same extents share a choice. Times in the network's place.
      """;

  /**
   * Measures every implementation of every layer of a network, and saves the fastest.
   *
   * @param precisions each measured on its own
   * @param frames length of the clip to measure with
   * @param libraries whether cuDNN and cuBLAS may be chosen; embeddings then agree in any company
   *     within a bound, no longer to the bit
   * @param progress gets one line per measurement
   * @throws UnusableDeviceException if there is no usable GPU, it fails, or it lacks a precision
   * @throws IOException if what was measured before cannot be read, or the choices cannot be saved
   */
  public static CudaTuning measure(
      SpeakerModel model,
      List<Precision> precisions,
      int frames,
      boolean libraries,
      Consumer<String> progress)
      throws IOException {
    CudaEngines.Availability found = CudaEngines.probe();
    if (!found.isAvailable()) {
      throw new UnusableDeviceException(
          "no GPU to tune for: " + String.join("; ", found.reasons()));
    }
    CudaDevice device = found.devices().get(0);
    Path file = CudaEngines.tuningFile(device);
    Tuning.load(file).save(file); // So that a file that cannot be kept is found before measuring.
    Tuning chosen = Tuning.NONE;
    StringBuilder explanation = new StringBuilder(LETTERS);
    if (device.isSoftware()) {
      explanation.append(
          "This device is a software one: its times say nothing of any GPU, nor do the choices.\n");
    }
    for (Precision precision : precisions) {
      try (Tuner tuner = new Tuner(device, model.graph(), model.frontEnd(), precision)) {
        chosen = chosen.with(tuner.tune(frames, libraries, progress));
        tuner.layers(libraries).forEach(layer -> explanation.append(layer.text()));
      } catch (EngineException e) {
        throw new UnusableDeviceException(e.getMessage(), e);
      }
    }
    Tuning.load(file).with(chosen).save(file);
    return new CudaTuning(device.toString(), file, chosen.choices(), explanation.toString());
  }
}
