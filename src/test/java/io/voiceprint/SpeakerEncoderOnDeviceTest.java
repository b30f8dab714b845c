package io.voiceprint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.voiceprint.audio.PcmAudio;
import io.voiceprint.model.RandomModels;
import io.voiceprint.model.SpeakerModel;
import io.voiceprint.simcuda.OnSimCuda;
import io.voiceprint.simcuda.SimCuda;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The public API on the software CUDA device. */
@ExtendWith(OnSimCuda.class)
class SpeakerEncoderOnDeviceTest {
  private final SpeakerModel model = RandomModels.next(new Random(23));

  private SpeakerEncoder open(Device device) {
    return SpeakerEncoder.open(model, EncoderOptions.DEFAULTS.withDevice(device));
  }

  private static PcmAudio audio(int samples, int rate) {
    Random random = new Random(rate);
    float[] values = new float[samples];
    for (int i = 0; i < samples; i++) {
      values[i] = (float) (0.1 * random.nextGaussian());
    }
    return new PcmAudio(values, rate);
  }

  @Test
  void afterAWarmUpEveryLaneReplaysAGraph() {
    try (SpeakerEncoder encoder = open(Device.CUDA)) {
      encoder.warmUp(0.2);
      assertTrue(SimCuda.calls("cuGraphInstantiate*") > 1, "graphs of one lane at most");
      SimCuda.reset();
      short[] integers = new short[3200];
      integers[100] = 9000;
      for (int call = 0; call < 4; call++) {
        assertEquals(0.2, encoder.embed(audio(3200, 16_000)).seconds(), 1e-9);
        assertEquals(0.2, encoder.embed(integers, 16_000).seconds(), 1e-9);
      }
      assertEquals(8, SimCuda.calls("cuGraphLaunch"));
      assertEquals(0, SimCuda.calls("cuLaunchKernel"));
      assertEquals(0, SimCuda.calls("cuGraphInstantiate*"));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {8_000, 11_025, 16_000, 44_100})
  void sixteenBitSamplesGiveTheEmbeddingOfFloats(int rate) {
    Random random = new Random(rate);
    short[] integers = new short[rate / 4];
    float[] floats = new float[integers.length];
    for (int i = 0; i < integers.length; i++) {
      integers[i] = (short) (3000 * random.nextGaussian());
      floats[i] = integers[i] / 32768f;
    }
    try (SpeakerEncoder encoder = open(Device.CUDA)) {
      assertEquals(encoder.embed(floats, rate), encoder.embed(integers, rate));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {8_000, 11_025, 44_100})
  void audioOfAnyRateIsEmbedded(int rate) {
    PcmAudio audio = audio(rate / 4, rate);
    try (SpeakerEncoder reference = open(Device.REFERENCE);
        SpeakerEncoder encoder = open(Device.CUDA)) {
      Embedding expected = reference.embed(audio);
      Embedding actual = encoder.embed(audio);
      assertArrayEquals(expected.values(), actual.values(), 1e-3f);
      assertTrue(actual.cosine(expected) > 0.99999, () -> "cosine " + actual.cosine(expected));
    }
  }
}
