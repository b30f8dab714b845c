package io.voiceprint.engine.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.voiceprint.engine.Precision;
import io.voiceprint.golden.Golden;
import io.voiceprint.model.RandomModels;
import io.voiceprint.model.SpeakerModel;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What must hold on a GPU in every precision. The software device has smaller tests of the same.
 */
@Tag("gpu")
class GpuPrecisionTest {
  private static final int CALLERS = 4;
  private static final int CALLS = 6;

  @BeforeEach
  void needsAGpu() {
    assumeFalse(TestEngines.isSlow(), "the software device would take minutes");
  }

  static Stream<Arguments> reduced() {
    return CudaEngineTest.models().stream()
        .flatMap(
            model ->
                Stream.of(Precision.TF32, Precision.FP16)
                    .map(precision -> Arguments.of(model, precision)));
  }

  /**
   * The reference data says how far an embedding turns when the weights alone are rounded to 10
   * bits. Here operands of all products are, and in fp16 what is stored between them too: errors of
   * three such sources together are allowed, and a little for models that hardly turn.
   */
  @ParameterizedTest
  @MethodSource("reduced")
  void embeddingsPointTheWayOfTheOriginals(String name, Precision precision, TestReporter reporter)
      throws IOException {
    CudaEngineTest.assumePresent(name);
    double bound = 1 - 9 * (1 - cosineWithRoundedWeights(name)) - 5e-4;
    SpeakerModel model = SpeakerModel.load(Golden.model(name).resolve("model.ckpt"), null);
    double worst = 1;
    try (CudaEngine engine = TestEngines.open(model, precision, 2)) {
      for (String wav : Golden.usableWavs(name)) {
        if (!wav.startsWith("speaker") && !wav.contains("-sr-")) {
          continue; // The reference's figure is over the real clips.
        }
        double cosine =
            Golden.cosine(
                engine.embedFeatures(List.of(Golden.features(wav))).get(0),
                Golden.embedding(name, wav));
        assertTrue(
            cosine >= bound,
            () -> "%s, %s: cosine %.6f < %.6f".formatted(name, wav, cosine, bound));
        worst = Math.min(worst, cosine);
      }
    }
    reporter.publishEntry(
        "%s, %s".formatted(name, precision), "worst cosine %.6f".formatted(worst));
  }

  private static double cosineWithRoundedWeights(String model) {
    String config = String.join("\n", Golden.lines(Golden.model(model).resolve("config.json")));
    Matcher matcher = Pattern.compile("\"10_bits\": ([0-9.]+)").matcher(config);
    assertTrue(matcher.find(), "config.json of " + model + " has no 10_bits");
    return Double.parseDouble(matcher.group(1));
  }

  @ParameterizedTest
  @EnumSource(names = {"FP32", "TF32", "FP16"})
  void theBitsAreTheSameAloneInCompanyAgainAndFromManyThreads(Precision precision)
      throws Exception {
    Random random = new Random(21);
    SpeakerModel model = RandomModels.next(random);
    List<float[]> clips = new ArrayList<>();
    for (int length : new int[] {1680, 3333, 16000, 4000, 1999, 8080, 24001}) {
      clips.add(noise(length, random));
    }
    try (CudaEngine engine = TestEngines.open(model, precision, 2)) {
      List<float[]> alone = new ArrayList<>();
      for (float[] clip : clips) {
        alone.add(engine.embed(List.of(clip)).get(0));
      }
      List<Callable<Void>> callers = new ArrayList<>();
      for (int caller = 0; caller < CALLERS; caller++) {
        callers.add(caller(engine, clips, alone, caller));
      }
      ExecutorService threads = Executors.newFixedThreadPool(CALLERS);
      try {
        for (Future<Void> done : threads.invokeAll(callers)) {
          done.get();
        }
      } finally {
        threads.shutdownNow();
      }
    }
  }

  /** Embeds some of the clips in some order, over and over. */
  private static Callable<Void> caller(
      CudaEngine engine, List<float[]> clips, List<float[]> alone, int seed) {
    return () -> {
      Random random = new Random(seed);
      List<Integer> order = new ArrayList<>();
      for (int i = 0; i < clips.size(); i++) {
        order.add(i);
      }
      for (int call = 0; call < CALLS; call++) {
        Collections.shuffle(order, random);
        List<Integer> company = List.copyOf(order.subList(0, 1 + random.nextInt(clips.size())));
        List<float[]> together = engine.embed(company.stream().map(clips::get).toList());
        for (int i = 0; i < company.size(); i++) {
          assertArrayEquals(alone.get(company.get(i)), together.get(i), "clip " + company.get(i));
        }
      }
      return null;
    };
  }

  private static float[] noise(int length, Random random) {
    float[] samples = new float[length];
    for (int i = 0; i < length; i++) {
      samples[i] = (float) (0.1 * random.nextGaussian());
    }
    return samples;
  }
}
