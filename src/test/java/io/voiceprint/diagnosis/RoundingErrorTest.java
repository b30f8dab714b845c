package io.voiceprint.diagnosis;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.voiceprint.Device;
import io.voiceprint.EncoderOptions;
import io.voiceprint.audio.PcmAudio;
import io.voiceprint.engine.Precision;
import io.voiceprint.model.RandomModels;
import io.voiceprint.model.SpeakerModel;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RoundingErrorTest {
  private final SpeakerModel model = RandomModels.next(new Random(5));
  private final RoundingError rounding = new RoundingError(model, EncoderOptions.DEFAULTS);
  private final PcmAudio clip = clip();

  private static PcmAudio clip() {
    Random random = new Random(6);
    float[] samples = new float[4000];
    for (int i = 0; i < samples.length; i++) {
      samples[i] = (float) (0.1 * random.nextGaussian());
    }
    return new PcmAudio(samples, 16000);
  }

  private double error(Precision precision) {
    return Accuracy.relativeError(
        SelfTest.embed(Device.REFERENCE, precision, model, clip).values(),
        SelfTest.embed(Device.REFERENCE, Precision.FP32, model, clip).values());
  }

  @Test
  void anErrorThatCopiesHaveTooPassesAndALargerOneDoesNot() {
    double usual = error(Precision.BF16);
    assertTrue(usual > 1e-3, "bf16 errs by " + usual);
    Accuracy unlucky = new Accuracy(usual, 1e-9);
    assertTrue(rounding.judged(unlucky, clip, Precision.BF16).passes());
    Accuracy wrong = new Accuracy(20 * usual, 1e-9);
    assertFalse(rounding.judged(wrong, clip, Precision.BF16).passes());
    assertFalse(rounding.judged(new Accuracy(Double.NaN, 1), clip, Precision.BF16).passes());
  }

  /** Which is eight times as large. */
  @Test
  void theErrorOfBf16IsNoErrorOfTf32() {
    Accuracy wrong = new Accuracy(2 * error(Precision.BF16), 1e-9);
    assertFalse(rounding.judged(wrong, clip, Precision.TF32).passes());
  }

  @Test
  void whatPassedAndWhatIsNotRoundedStaysAsItIs() {
    Accuracy good = new Accuracy(0.1, 0.2);
    assertSame(good, rounding.judged(good, clip, Precision.FP16));
    Accuracy bad = new Accuracy(0.3, 0.2);
    assertSame(bad, rounding.judged(bad, clip, Precision.FP32));
  }
}
