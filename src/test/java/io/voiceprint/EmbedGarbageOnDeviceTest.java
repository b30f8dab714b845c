package io.voiceprint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.voiceprint.model.EcapaTdnnArchitecture;
import io.voiceprint.model.SpeakerModel;
import io.voiceprint.simcuda.OnSimCuda;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What a call of the public API leaves to the garbage collector, on the caller's thread and the
 * lanes.
 */
@ExtendWith(OnSimCuda.class)
class EmbedGarbageOnDeviceTest {
  private static final int RATE = 16_000;

  private static final int CALLS = 10;

  private static final int ROUNDS = 3;

  /**
   * Beside the embedding. A third is the engine's, as CudaReplayTest holds; the rest is the way
   * through the queue, before the JVM has compiled it.
   */
  private static final long GARBAGE_BYTES = 3 * 1024;

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aCallMakesLittleGarbageHoweverLongTheClip(boolean int16) {
    Random random = new Random(1);
    float[] floats = new float[6 * RATE];
    short[] integers = new short[floats.length];
    for (int i = 0; i < floats.length; i++) {
      integers[i] = (short) (3000 * random.nextGaussian());
      floats[i] = integers[i] / 32768f;
    }
    SpeakerModel model = SpeakerModel.seeded(EcapaTdnnArchitecture.published(32, 64), 1);
    try (SpeakerEncoder encoder =
        SpeakerEncoder.open(model, EncoderOptions.DEFAULTS.withDevice(Device.CUDA))) {
      for (int seconds : new int[] {3, 6}) {
        encoder.warmUp(seconds);
        float[] clip = Arrays.copyOf(floats, seconds * RATE);
        short[] integerClip = Arrays.copyOf(integers, seconds * RATE);
        Supplier<Embedding> call =
            int16 ? () -> encoder.embed(integerClip, RATE) : () -> encoder.embed(clip, RATE);
        Embedding embedding = call.get();
        assertEquals(List.of(), embedding.warnings());
        long result = 32 + 16 + (long) Float.BYTES * embedding.size();
        long garbage = allocated(call) - result;
        assertTrue(garbage <= GARBAGE_BYTES, () -> "%d s: %d bytes".formatted(seconds, garbage));
      }
    }
  }

  /** Bytes per call on this thread and the lanes, in the round with fewest. */
  private static long allocated(Supplier<Embedding> call) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long[] serving =
        Thread.getAllStackTraces().keySet().stream()
            .filter(
                thread ->
                    thread == Thread.currentThread()
                        || thread.getName().startsWith("voiceprint-lane-"))
            .mapToLong(Thread::getId)
            .toArray();
    assertTrue(serving.length > 1, "the encoder has no lanes");
    long least = Long.MAX_VALUE;
    for (int round = 0; round < ROUNDS; round++) {
      long[] before = threads.getThreadAllocatedBytes(serving);
      for (int i = 0; i < CALLS; i++) {
        var unused = call.get();
      }
      long[] after = threads.getThreadAllocatedBytes(serving);
      long sum = 0;
      for (int i = 0; i < serving.length; i++) {
        assertTrue(after[i] >= 0, "a thread of the encoder has ended");
        sum += after[i] - before[i];
      }
      least = Math.min(least, sum / CALLS);
    }
    return least;
  }
}
