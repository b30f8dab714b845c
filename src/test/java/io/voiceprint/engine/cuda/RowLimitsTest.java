package io.voiceprint.engine.cuda;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.voiceprint.cuda.CudaContext;
import io.voiceprint.cuda.MathMode;
import io.voiceprint.engine.EngineException;
import io.voiceprint.frontend.FbankOptions;
import io.voiceprint.model.RandomModels;
import io.voiceprint.model.SpeakerModel;
import io.voiceprint.simcuda.OnSimCuda;
import java.util.List;
import java.util.Random;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rows on a card with more memory than any utterance needs. */
@ExtendWith(OnSimCuda.class)
class RowLimitsTest {
  private static final long BOUNDLESS = 1L << 50;

  private final SpeakerModel model = RandomModels.next(new Random(23));

  private void withLimits(int frameShift, BiConsumer<Network, RowLimits> work) {
    FbankOptions frontEnd = new FbankOptions(48000, 1200, frameShift, 80, 20, 0.97);
    try (CudaContext context = CudaContext.open(TestEngines.device())) {
      Network network = new Network(context, model.graph(), frontEnd, MathMode.FP32, Tuning.NONE);
      work.accept(network, RowLimits.of(TestEngines.device(), network, 1, BOUNDLESS));
    }
  }

  private static long uploadBytes(Network network, int frames) {
    RowSize row = new RowSize(network.geometry().footprint(frames), 1);
    return List.of(Source.FEATURES, Source.SAMPLES, Source.SAMPLES_INT16).stream()
        .mapToLong(source -> MemoryMap.of(network, row, source).uploadBytes())
        .max()
        .orElseThrow();
  }

  /** From 10 ms at 16 kHz to more than half a second at 48 kHz, with gaps between the frames. */
  @ParameterizedTest
  @ValueSource(ints = {160, 256, 480, 30000})
  void whatAnyRowUploadsFitsAPageLockedBuffer(int frameShift) {
    withLimits(
        frameShift,
        (network, limits) -> {
          assertTrue(uploadBytes(network, limits.maxFrames()) <= Integer.MAX_VALUE);
          assertTrue(limits.upBytes() <= Integer.MAX_VALUE);
          assertTrue(limits.rawUpBytes() <= Integer.MAX_VALUE);
        });
  }

  /** Minutes of speech are not refused without need. */
  @Test
  void theLongestUtteranceFillsTheBuffer() {
    withLimits(
        480,
        (network, limits) -> {
          int more = limits.maxFrames() + 3000; // half a minute
          assertTrue(uploadBytes(network, more) > Integer.MAX_VALUE);
        });
  }

  @Test
  void framesSoFarApartThatNoUtteranceFitsAreRefused() {
    EngineException refused =
        assertThrows(EngineException.class, () -> withLimits(1 << 26, (network, limits) -> {}));
    String message = refused.getMessage();
    assertTrue(
        message.startsWith("frameLength=1200 and frameShift=67108864 samples: a row of "), message);
    assertTrue(message.endsWith("; use a front end with shorter frames"), message);
  }
}
