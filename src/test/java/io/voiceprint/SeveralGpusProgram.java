package io.voiceprint;

import io.voiceprint.audio.PcmAudio;
import io.voiceprint.model.RandomModels;
import io.voiceprint.model.SpeakerModel;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** What {@link SeveralGpusOnDeviceTest} runs where there are two devices. */
public final class SeveralGpusProgram {
  private SeveralGpusProgram() {}

  /** Embeds clips on one device and on two, and says what it saw. */
  public static void main(String[] arguments) throws IOException {
    SpeakerModel model = RandomModels.next(new Random(41));
    List<PcmAudio> clips = new ArrayList<>();
    Random random = new Random(42);
    for (int length : new int[] {2_400, 3_100, 2_500, 4_000}) {
      float[] samples = new float[length];
      for (int i = 0; i < length; i++) {
        samples[i] = (float) (0.1 * random.nextGaussian());
      }
      clips.add(new PcmAudio(samples, 16_000));
    }
    List<float[]> alone = embed(model, clips, 0);
    List<float[]> shared = embed(model, clips, 1, 0);
    for (int i = 0; i < clips.size(); i++) {
      System.out.println(
          "clip " + i + (Arrays.equals(alone.get(i), shared.get(i)) ? " same" : " differs"));
    }
    try {
      embed(model, clips, 7);
    } catch (UnusableDeviceException e) {
      System.out.println(e.getMessage());
    }
  }

  private static List<float[]> embed(SpeakerModel model, List<PcmAudio> clips, Integer... gpus) {
    EncoderOptions options = EncoderOptions.DEFAULTS.withGpus(gpus).withBatch(1, 10);
    try (SpeakerEncoder encoder = SpeakerEncoder.open(model, options)) {
      System.out.println(encoder.device());
      return encoder.embedAll(clips).stream().map(result -> result.orElseThrow().values()).toList();
    }
  }
}
