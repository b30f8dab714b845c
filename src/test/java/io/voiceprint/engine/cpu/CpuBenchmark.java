package io.voiceprint.engine.cpu;

import io.voiceprint.engine.Precision;
import io.voiceprint.frontend.Features;
import io.voiceprint.model.Pooling;
import io.voiceprint.model.Res2NetArchitecture;
import io.voiceprint.model.Res2NetArchitecture.Family;
import io.voiceprint.model.SpeakerModel;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * Times the base network with seeded weights, from features to embeddings; prints milliseconds per
 * call. Arguments: threads (2), repetitions (30), MiB of a strip's largest map (the engine's own; 0
 * for no strips).
 */
public final class CpuBenchmark {
  private static final Res2NetArchitecture BASE =
      new Res2NetArchitecture(
          Family.ERES2NET, 80, 32, List.of(3, 4, 6, 3), 32, 2, 2, Pooling.TSTP, 512, false);
  private static final long IDLE_MILLIS = 200;

  private CpuBenchmark() {}

  /** Entry point. */
  public static void main(String[] arguments) throws InterruptedException {
    int threads = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 2;
    int repetitions = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 30;
    long stripBytes = arguments.length > 2 ? stripBytes(arguments[2]) : Strips.MAP_BYTES;
    SpeakerModel model = SpeakerModel.seeded(BASE, 1);
    System.out.println("precision frames clips first_ms min_ms median_ms min_cpu_ms");
    for (Precision precision : List.of(Precision.FP32, Precision.BF16)) {
      if (!CpuEngine.supports(precision)) {
        System.out.println(
            precision + " is not supported here " + CpuEngine.unavailableReason().orElse(""));
        continue;
      }
      try (CpuEngine engine =
          new CpuEngine(model.graph(), model.frontEnd(), precision, threads, 1, stripBytes)) {
        for (int frames : new int[] {98, 298, 998}) {
          time(engine, frames, 1, repetitions);
        }
        time(engine, 298, 8, repetitions / 4 + 1);
        long busy = cpuNanos();
        Thread.sleep(IDLE_MILLIS);
        System.out.printf(
            "%s: %.1f ms of processor time in %d idle ms%n",
            precision, (cpuNanos() - busy) * 1e-6, IDLE_MILLIS);
        if (Boolean.getBoolean("implementations")) {
          engine
              .implementations(298)
              .forEach((layer, name) -> System.out.println(layer + " " + name));
        }
      }
    }
  }

  private static long stripBytes(String mebibytes) {
    long count = Long.parseLong(mebibytes);
    return count == 0 ? Long.MAX_VALUE : count << 20;
  }

  private static void time(CpuEngine engine, int frames, int clips, int repetitions) {
    Random random = new Random(frames);
    float[] data = new float[frames * BASE.melBins()];
    for (int i = 0; i < data.length; i++) {
      data[i] = (float) (3 * random.nextGaussian());
    }
    List<Features> batch = Collections.nCopies(clips, new Features(frames, BASE.melBins(), data));
    long start = System.nanoTime();
    engine.embedFeatures(batch);
    double first = (System.nanoTime() - start) * 1e-6;
    double[] millis = new double[repetitions];
    double cpu = Double.MAX_VALUE;
    for (int i = 0; i < repetitions; i++) {
      long busy = cpuNanos();
      start = System.nanoTime();
      engine.embedFeatures(batch);
      millis[i] = (System.nanoTime() - start) * 1e-6;
      cpu = Math.min(cpu, (cpuNanos() - busy) * 1e-6);
    }
    Arrays.sort(millis);
    System.out.printf(
        "%s %d %d %.1f %.2f %.2f %.2f%n",
        engine.precision(), frames, clips, first, millis[0], millis[repetitions / 2], cpu);
  }

  private static long cpuNanos() {
    return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
        .getProcessCpuTime();
  }
}
