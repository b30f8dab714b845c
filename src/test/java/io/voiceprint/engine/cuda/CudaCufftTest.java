package io.voiceprint.engine.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.voiceprint.audio.PcmAudio;
import io.voiceprint.cuda.CudaLibraries;
import io.voiceprint.cuda.CudaLibrary;
import io.voiceprint.engine.Engine;
import io.voiceprint.engine.Precision;
import io.voiceprint.engine.reference.ReferenceEngine;
import io.voiceprint.frontend.FbankOptions;
import io.voiceprint.golden.Golden;
import io.voiceprint.model.RandomModels;
import io.voiceprint.model.SpeakerModel;
import io.voiceprint.simcuda.SimCuda;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Front ends of other frame lengths than 25 ms, whose spectra the library computes. */
@Tag("gpu")
class CudaCufftTest {
  private final SpeakerModel model = RandomModels.next(new Random(23));

  @BeforeEach
  void needsCufft() {
    TestEngines.device();
    CudaLibraries.Status status = CudaLibraries.status(CudaLibrary.CUFFT);
    assumeTrue(status.isUsable() || Boolean.getBoolean("require.cuda"), status::problem);
  }

  private static FbankOptions frames(int length, int shift) {
    return new FbankOptions(16000, length, shift, 80, 20, 0.97);
  }

  private CudaEngine open(FbankOptions frontEnd) {
    return TestEngines.open(model.graph(), frontEnd, Precision.FP32, 1);
  }

  @ParameterizedTest
  @CsvSource({"320, 160", "512, 128", "551, 220", "640, 320", "1200, 480"})
  void featuresAndEmbeddingAreThoseOfTheReference(int length, int shift) {
    float[] samples = TestEngines.samples(8000, new Random(length));
    FbankOptions frontEnd = frames(length, shift);
    try (Engine engine = open(frontEnd);
        Engine reference = new ReferenceEngine(model.graph(), frontEnd, Precision.FP32, 1)) {
      assertArrayEquals(reference.features(samples).data(), engine.features(samples).data(), 1e-3f);
      float[] embedding = reference.embed(List.of(samples)).get(0);
      double[] expected = new double[embedding.length];
      for (int i = 0; i < expected.length; i++) {
        expected[i] = embedding[i];
      }
      double error = Golden.relativeL2(engine.embed(List.of(samples)).get(0), expected);
      assertTrue(error <= 5e-4, () -> "relative L2 %.2e".formatted(error));
    }
  }

  /** The transform is part of the graph, and a clip's does not depend on how many there are. */
  @Test
  void theBitsAreTheSameInCompanyAtAnyRateAndReplayed() {
    Random random = new Random(9);
    List<PcmAudio> clips =
        List.of(
            new PcmAudio(TestEngines.samples(3000, random), 16000),
            new PcmAudio(TestEngines.samples(2000, random), 8000),
            new PcmAudio(TestEngines.samples(7000, random), 16000));
    try (CudaEngine engine = open(frames(320, 160))) {
      List<float[]> alone = new ArrayList<>();
      for (PcmAudio clip : clips) {
        alone.add(engine.embedAudio(List.of(clip)).get(0));
      }
      for (int round = 0; round < 3; round++) {
        List<float[]> together = engine.embedAudio(clips);
        engine.awaitCaptures();
        for (int i = 0; i < clips.size(); i++) {
          assertArrayEquals(alone.get(i), together.get(i), "clip " + i + ", round " + round);
        }
      }
      if (TestEngines.isSlow()) {
        SimCuda.require();
        SimCuda.reset();
        engine.embedAudio(clips);
        assertEquals(1, SimCuda.calls("cuGraphLaunch"));
        assertEquals(0, SimCuda.calls("cufftExec*"));
        engine.features(clips.get(0).samples());
        assertEquals(1, SimCuda.calls("cufftExec*"));
      }
    }
  }
}
