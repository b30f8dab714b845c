package io.voiceprint.engine.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.voiceprint.audio.PcmAudio;
import io.voiceprint.audio.Resampler;
import io.voiceprint.engine.Precision;
import io.voiceprint.golden.Golden;
import io.voiceprint.model.RandomModels;
import io.voiceprint.model.SpeakerModel;
import io.voiceprint.simcuda.SimCuda;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Audio at other rates than the network's, resampled within the packed row. */
@Tag("gpu")
class CudaResamplingTest {
  private static final int NETWORK_HZ = 16000;

  /** Relative L2 of embeddings; samples differ by the rounding of a sum in float32. */
  private static final double BOUND = 1e-4;

  private static SpeakerModel model() {
    return RandomModels.next(new Random(23));
  }

  /** A hum with noise, at full length and whatever rate. */
  private static PcmAudio audio(double seconds, int rate, Random random) {
    float[] samples = new float[(int) (seconds * rate)];
    for (int i = 0; i < samples.length; i++) {
      double hum = Math.sin(2 * Math.PI * 220 * i / rate);
      samples[i] = (float) (0.3 * hum + 0.05 * random.nextGaussian());
    }
    return new PcmAudio(samples, rate);
  }

  private static float[] onHost(PcmAudio audio) {
    return Resampler.of(audio.sampleRate(), NETWORK_HZ).resample(audio).samples();
  }

  @ParameterizedTest
  @ValueSource(ints = {8000, 22050, 24000, 32000, 44100, 48000})
  void theDeviceResamplesAsTheHostDoes(int rate) {
    PcmAudio audio = audio(0.3001, rate, new Random(rate));
    try (CudaEngine engine = TestEngines.open(model(), Precision.FP32, 1)) {
      assertTrue(engine.resamples(rate));
      float[] expected = engine.embed(List.of(onHost(audio))).get(0);
      float[] actual = engine.embedAudio(List.of(audio)).get(0);
      double error = Golden.relativeL2(actual, doubles(expected));
      assertTrue(error <= BOUND, () -> "%d Hz: relative L2 %.2e".formatted(rate, error));
    }
  }

  private static double[] doubles(float[] values) {
    double[] doubles = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      doubles[i] = values[i];
    }
    return doubles;
  }

  /** In rows of one rate and of many, when they are first run, captured and replayed. */
  @Test
  void aClipGetsTheSameBitsInCompanyOfAnyRates() {
    Random random = new Random(5);
    List<PcmAudio> clips =
        List.of(
            audio(0.21, 16000, random),
            audio(0.30, 8000, random),
            audio(0.15, 44100, random),
            audio(0.12, 48000, random));
    try (CudaEngine engine = TestEngines.open(model(), Precision.FP32, 1)) {
      List<float[]> alone = new ArrayList<>();
      for (PcmAudio clip : clips) {
        alone.add(engine.embedAudio(List.of(clip)).get(0));
      }
      assertArrayEquals(alone.get(0), engine.embed(List.of(clips.get(0).samples())).get(0));
      for (List<Integer> company :
          List.of(List.of(0, 1), List.of(3, 0, 2, 1), List.of(1), List.of(2, 0, 1, 3))) {
        for (int round = 0; round < 3; round++) {
          List<float[]> together = engine.embedAudio(company.stream().map(clips::get).toList());
          engine.awaitCaptures();
          for (int i = 0; i < company.size(); i++) {
            assertArrayEquals(
                alone.get(company.get(i)), together.get(i), company + ", round " + round);
          }
        }
      }
    }
  }

  /**
   * 16-bit clips of any rates, the host's to resample among them, in rows with their like and with
   * floats; when a row is first run and when it is replayed.
   */
  @Test
  void sixteenBitClipsGetTheBitsOfFloats() {
    int[] rates = {8000, 11025, 16000, 22050, 44100, 48000};
    Random random = new Random(9);
    List<PcmAudio> integers = new ArrayList<>();
    List<float[]> expected = new ArrayList<>();
    try (CudaEngine engine = TestEngines.open(model(), Precision.FP32, 1)) {
      for (int i = 0; i < 8; i++) {
        int rate = rates[i < 6 ? i : random.nextInt(rates.length)];
        PcmAudio audio = audio(0.11 + 0.1 * random.nextDouble(), rate, random);
        integers.add(new PcmAudio(TestEngines.integers(audio.samples()), rate));
        expected.add(engine.embedAudio(List.of(asFloats(integers.get(i)))).get(0));
      }
      for (int round = 0; round < 6; round++) {
        List<Integer> company = new ArrayList<>();
        List<PcmAudio> row = new ArrayList<>();
        boolean floats = round % 3 == 2;
        for (int i = 1 + random.nextInt(4); i > 0; i--) {
          int clip = random.nextInt(integers.size());
          company.add(clip);
          PcmAudio audio = integers.get(clip);
          row.add(floats && random.nextBoolean() ? asFloats(audio) : audio);
        }
        for (int run = 0; run < 2; run++) {
          List<float[]> together = engine.embedAudio(row);
          engine.awaitCaptures();
          for (int i = 0; i < row.size(); i++) {
            assertArrayEquals(expected.get(company.get(i)), together.get(i), row + ", run " + run);
          }
        }
      }
    }
  }

  private static PcmAudio asFloats(PcmAudio audio) {
    return new PcmAudio(audio.samples(), audio.sampleRate());
  }

  @Test
  void aResampledRowIsReplayedAsOneGraph() {
    SimCuda.require();
    PcmAudio audio = audio(0.2, 44100, new Random(1));
    try (CudaEngine engine = TestEngines.open(model(), Precision.FP32, 1)) {
      var first = engine.embedAudio(List.of(audio));
      engine.awaitCaptures();
      SimCuda.reset();
      assertArrayEquals(first.get(0), engine.embedAudio(List.of(audio)).get(0));
      assertEquals(1, SimCuda.calls("cuGraphLaunch"));
      assertEquals(0, SimCuda.calls("cuLaunchKernel"));
      assertEquals(0, SimCuda.calls("cuMemHostAlloc*"));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {11025, 96000})
  void otherRatesAreResampledOnTheHost(int rate) {
    PcmAudio audio = audio(0.2, rate, new Random(rate));
    try (CudaEngine engine = TestEngines.open(model(), Precision.FP32, 1)) {
      assertTrue(!engine.resamples(rate));
      assertArrayEquals(
          engine.embed(List.of(onHost(audio))).get(0), engine.embedAudio(List.of(audio)).get(0));
    }
  }

  @Test
  void aLongUtteranceIsResampledOnTheHost() {
    assumeFalse(TestEngines.isSlow(), "minutes of speech take the software device too long");
    try (CudaEngine engine = TestEngines.open(model(), Precision.FP32, 1)) {
      double seconds = 0.01 * engine.rows().maxColumns() + 1;
      PcmAudio audio = audio(seconds, 48000, new Random(2));
      assertArrayEquals(
          engine.embed(List.of(onHost(audio))).get(0), engine.embedAudio(List.of(audio)).get(0));
    }
  }
}
