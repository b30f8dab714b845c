package io.voiceprint.bench;

import io.voiceprint.Device;
import io.voiceprint.EncoderOptions;
import io.voiceprint.SpeakerEncoder;
import io.voiceprint.audio.PcmAudio;
import io.voiceprint.checkpoint.CheckpointException;
import io.voiceprint.engine.Precision;
import io.voiceprint.model.SpeakerModel;

/** The child of {@link ColdStart}: embeds one clip twice and tells its times. */
final class ColdStartProcess {
  /** Told as the first thing. */
  static final String STARTED = "started";

  /** Told when the first embedding is there. */
  static final String EMBEDDED = "embedded";

  private ColdStartProcess() {}

  /**
   * Entry point.
   *
   * @param arguments where the network comes from (two), device, precision, threads, seconds
   */
  public static void main(String[] arguments) throws CheckpointException {
    tell(STARTED);
    EncoderOptions options =
        EncoderOptions.DEFAULTS
            .withDevice(Device.valueOf(arguments[2]))
            .withPrecision(Precision.valueOf(arguments[3]))
            .withThreads(Integer.parseInt(arguments[4]));
    double seconds = Double.parseDouble(arguments[5]);
    long begin = System.nanoTime();
    SpeakerModel model = MeasuredNetwork.from(arguments[0], arguments[1]).model();
    long loaded = System.nanoTime();
    try (SpeakerEncoder encoder = SpeakerEncoder.open(model, options)) {
      long opened = System.nanoTime();
      PcmAudio clip = Clips.of(1, seconds, model.frontEnd().sampleRate()).get(0);
      long ready = System.nanoTime();
      float[] unused = encoder.embed(clip).values();
      long first = System.nanoTime();
      tell(EMBEDDED);
      long again = System.nanoTime();
      float[] embedding = encoder.embed(clip).values();
      long second = System.nanoTime();
      tell(
          (loaded - begin) * 1e-6,
          (opened - loaded) * 1e-6,
          (first - ready) * 1e-6,
          (second - again) * 1e-6,
          MemoryUse.peak().orElse(Double.NaN));
      double[] values = new double[embedding.length];
      for (int i = 0; i < values.length; i++) {
        values[i] = embedding[i];
      }
      tell(values);
    }
  }

  private static void tell(double... numbers) {
    StringBuilder line = new StringBuilder();
    for (double number : numbers) {
      line.append(line.length() == 0 ? "" : " ").append(number);
    }
    tell(line.toString());
  }

  private static void tell(String line) {
    System.out.println(line);
    System.out.flush();
  }
}
