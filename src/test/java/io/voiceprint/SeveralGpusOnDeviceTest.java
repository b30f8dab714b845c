package io.voiceprint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.voiceprint.audio.PcmAudio;
import io.voiceprint.model.RandomModels;
import io.voiceprint.model.SpeakerModel;
import io.voiceprint.simcuda.OnSimCuda;
import io.voiceprint.simcuda.SimCuda;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Two software CUDA devices behind one encoder. */
@ExtendWith(OnSimCuda.class)
class SeveralGpusOnDeviceTest {
  private final SpeakerModel model = RandomModels.next(new Random(41));

  @BeforeEach
  void twoDevices() {
    SimCuda.showDevices(2);
  }

  private SpeakerEncoder open(Integer... gpus) {
    return SpeakerEncoder.open(model, EncoderOptions.DEFAULTS.withGpus(gpus).withBatch(1, 10));
  }

  private static List<PcmAudio> clips() {
    List<PcmAudio> clips = new ArrayList<>();
    Random random = new Random(42);
    for (int length : new int[] {2_400, 3_100, 2_500, 4_000}) {
      float[] samples = new float[length];
      for (int i = 0; i < length; i++) {
        samples[i] = (float) (0.1 * random.nextGaussian());
      }
      clips.add(new PcmAudio(samples, 16_000));
    }
    return clips;
  }

  private static List<float[]> embed(SpeakerEncoder encoder) {
    return encoder.embedAll(clips()).stream().map(result -> result.orElseThrow().values()).toList();
  }

  @Test
  void twoGpusShareTheWorkOfOneEncoder() {
    List<float[]> alone;
    String first;
    try (SpeakerEncoder encoder = open(0)) {
      first = encoder.device();
      alone = embed(encoder);
    }
    try (SpeakerEncoder encoder = open(1, 0)) {
      String[] both = encoder.device().split("; ", -1);
      assertEquals(2, both.length, encoder.device());
      assertTrue(both[1].equals(first) && !both[0].equals(first), encoder.device());
      List<float[]> shared = embed(encoder);
      for (int i = 0; i < alone.size(); i++) {
        assertArrayEquals(alone.get(i), shared.get(i));
      }
    }
  }

  @Test
  void aGpuThatIsMissingIsNamed() {
    UnusableDeviceException refused = assertThrows(UnusableDeviceException.class, () -> open(0, 7));
    assertTrue(
        refused.getMessage().startsWith("device cuda: GPU 7 cannot be used"), refused.getMessage());
    assertEquals(0, SimCuda.live("context"), "the first GPU must be given back");
  }
}
