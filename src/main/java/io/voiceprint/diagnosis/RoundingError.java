package io.voiceprint.diagnosis;

import io.voiceprint.Device;
import io.voiceprint.EncoderOptions;
import io.voiceprint.SpeakerEncoder;
import io.voiceprint.audio.PcmAudio;
import io.voiceprint.engine.Precision;
import io.voiceprint.model.SpeakerModel;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * How far rounding alone moves the embedding of a clip, by the reference engine.
 *
 * <p>Of one clip it is a matter of chance: where one direction of the embedding outweighs all
 * others, what hundreds of roundings add up to is a single signed number that may come out near
 * zero, and an engine that rounds elsewhere draws another. So a clip that errs by more than twice
 * the reference's error is held against the largest error that the reference makes on copies of the
 * clip with noise that nobody hears.
 *
 * @param model the network
 * @param options of the encoder that is judged; its device and precision do not matter
 */
public record RoundingError(SpeakerModel model, EncoderOptions options) {
  private static final int COPIES = 7;

  /** Loudness of the noise beside the clip's: -60 dB. */
  private static final double NOISE = 1e-3;

  /**
   * Judges a clip that failed once more; one that passed, and any in float32, stays as it is.
   *
   * @param precision that the clip was embedded in
   * @throws io.voiceprint.VoiceprintException if the reference engine has no embedding of the clip
   */
  public Accuracy judged(Accuracy accuracy, PcmAudio clip, Precision precision) {
    if (precision == Precision.FP32 || accuracy.passes()) {
      return accuracy;
    }
    List<PcmAudio> copies = copies(clip);
    List<float[]> exact = embeddings(copies, Precision.FP32);
    List<float[]> rounded = embeddings(copies, precision);
    double largest = 0;
    for (int i = 0; i < copies.size(); i++) {
      largest = Math.max(largest, Accuracy.relativeError(rounded.get(i), exact.get(i)));
    }
    return accuracy.beside(largest);
  }

  private List<float[]> embeddings(List<PcmAudio> clips, Precision precision) {
    try (SpeakerEncoder encoder =
        SpeakerEncoder.open(model, options.withDevice(Device.REFERENCE).withPrecision(precision))) {
      return clips.stream().map(clip -> encoder.embed(clip).values()).toList();
    }
  }

  private static List<PcmAudio> copies(PcmAudio clip) {
    double squares = 0;
    for (float sample : clip.samples()) {
      squares += sample * sample;
    }
    double deviation = NOISE * Math.sqrt(squares / clip.length());
    Random random = new Random(clip.length());
    List<PcmAudio> copies = new ArrayList<>();
    for (int copy = 0; copy < COPIES; copy++) {
      float[] samples = clip.samples().clone();
      for (int i = 0; i < samples.length; i++) {
        samples[i] += (float) (deviation * random.nextGaussian());
      }
      copies.add(new PcmAudio(samples, clip.sampleRate()));
    }
    return copies;
  }
}
