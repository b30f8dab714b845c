package io.voiceprint.engine.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.voiceprint.audio.PcmAudio;
import io.voiceprint.engine.Engine;
import io.voiceprint.engine.Precision;
import io.voiceprint.frontend.FbankOptions;
import io.voiceprint.frontend.Features;
import io.voiceprint.model.Pooling;
import io.voiceprint.model.Res2NetArchitecture;
import io.voiceprint.model.Res2NetArchitecture.Family;
import io.voiceprint.model.SpeakerModel;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Mean subtraction within the first convolution, against the separate kernels to the bit. */
@Tag("gpu")
class NormalisingStemTest {
  private final SpeakerModel model =
      SpeakerModel.seeded(
          new Res2NetArchitecture(
              Family.RES2NET, 80, 4, List.of(1, 1, 1, 1), 32, 2, 2, Pooling.TSTP, 8, false),
          3);
  private final Random random = new Random(12);

  private Engine open(Precision precision, FbankOptions frontEnd, boolean normalising) {
    Tuning tuning = Tuning.NONE;
    if (normalising) {
      try (Tuner tuner = new Tuner(TestEngines.device(), model.graph(), frontEnd, precision)) {
        tuning = Tuning.forcing(tuner.choices(false), List.of("stem-"));
      }
      assertEquals(1, tuning.choices().size());
    }
    return CudaEngine.open(TestEngines.device(), model.graph(), frontEnd, precision, 1, tuning);
  }

  @ParameterizedTest
  @EnumSource(names = {"FP32", "FP16"})
  void samplesGiveTheSameBitsInAnyCompanyAndEachReplay(Precision precision) {
    List<float[]> clips =
        List.of(
            TestEngines.samples(8000, random),
            TestEngines.samples(2000, random),
            new float[4000],
            TestEngines.samples(3123, random));
    try (Engine separate = open(precision, model.frontEnd(), false);
        Engine normalising = open(precision, model.frontEnd(), true)) {
      List<float[]> expected = separate.embed(clips);
      // Replays start from sums of zero too.
      for (int round = 0; round < 3; round++) {
        assertSame(expected, normalising.embed(clips));
        assertSame(expected.subList(1, 2), normalising.embed(clips.subList(1, 2)));
      }
    }
  }

  @Test
  void aClipAtAnotherRateGivesTheSameBits() {
    List<PcmAudio> clips =
        List.of(
            new PcmAudio(TestEngines.samples(4000, random), 8000),
            new PcmAudio(TestEngines.samples(5000, random), 16000));
    try (Engine separate = open(Precision.FP32, model.frontEnd(), false);
        Engine normalising = open(Precision.FP32, model.frontEnd(), true)) {
      assertSame(separate.embedAudio(clips), normalising.embedAudio(clips));
    }
  }

  @Test
  void aFrontEndAroundALibraryTransformGivesTheSameBits() {
    FbankOptions frontEnd = new FbankOptions(16000, 320, 160, 80, 20, 0.97);
    List<float[]> clips = List.of(TestEngines.samples(6000, random));
    try (Engine separate = open(Precision.FP32, frontEnd, false);
        Engine normalising = open(Precision.FP32, frontEnd, true)) {
      assertSame(separate.embed(clips), normalising.embed(clips));
    }
  }

  @Test
  void featuresAreReadAsTheyAreGivenAndComeOutNormalised() {
    float[] samples = TestEngines.samples(6000, random);
    List<Features> given = List.of(TestEngines.features(17, random));
    try (Engine separate = open(Precision.FP32, model.frontEnd(), false);
        Engine normalising = open(Precision.FP32, model.frontEnd(), true)) {
      assertSame(separate.embedFeatures(given), normalising.embedFeatures(given));
      Features expected = separate.features(samples);
      assertArrayEquals(expected.data(), normalising.features(samples).data());
      assertArrayEquals(
          separate.activation(expected, "stem"), normalising.activation(expected, "stem"));
    }
  }

  /** A sample that is not finite must not turn into an embedding that looks like one. */
  @Test
  void whatIsNotFiniteStaysVisible() {
    float[] samples = TestEngines.samples(6000, random);
    samples[3000] = 1e30f; // its energy is beyond float
    try (Engine normalising = open(Precision.FP32, model.frontEnd(), true)) {
      float[] embedding = normalising.embed(List.of(samples)).get(0);
      for (float value : embedding) {
        assertTrue(Float.isNaN(value), () -> Arrays.toString(embedding));
      }
    }
  }

  private static void assertSame(List<float[]> expected, List<float[]> actual) {
    assertEquals(expected.size(), actual.size());
    for (int i = 0; i < expected.size(); i++) {
      assertArrayEquals(expected.get(i), actual.get(i));
    }
  }
}
