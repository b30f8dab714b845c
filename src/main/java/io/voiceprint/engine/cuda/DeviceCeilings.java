package io.voiceprint.engine.cuda;

import io.voiceprint.cuda.CudaContext;
import io.voiceprint.cuda.CudaDevice;
import io.voiceprint.cuda.CudaEvent;
import io.voiceprint.cuda.CudaStream;
import io.voiceprint.cuda.DeviceMemory;
import io.voiceprint.cuda.KernelLibrary;
import io.voiceprint.cuda.MathMode;
import io.voiceprint.engine.DeviceLimits;
import io.voiceprint.engine.EngineException;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;

/**
 * Measures how fast a card moves memory, and what a launch costs, on a stream of its own. The
 * faster of two counts: the driver's copy, and a sum of our own, which reads two bytes for each
 * that it writes. Both go through arrays several times as large as the L2 cache.
 */
final class DeviceCeilings {
  private static final int CACHES_PER_ARRAY = 4;

  /** Of free memory an array takes at most its share of this many. */
  private static final int SHARES_OF_FREE = 4;

  /** Of the sum's arrays: 512 channels of fp16 by 256 columns. */
  private static final int CHANNELS = 512;

  private static final int COLUMNS = 256;
  private static final int ROW_BYTES = CHANNELS * COLUMNS * Short.BYTES;

  /** Rows of the largest grid. */
  private static final int MOST_ROWS = 65_535;

  private static final int LEAST_PASSES = 3;
  private static final int MOST_PASSES = 50;
  private static final long PASSES_NANOS = 200_000_000;

  /** Launches in one go, of which the median is taken between events, and the mean in a graph. */
  private static final int LAUNCHES = 100;

  private final CudaContext context;
  private final CudaStream stream;
  private final EpilogueKernel kernel;

  private DeviceCeilings(CudaContext context) {
    this.context = context;
    this.stream = new CudaStream(context, "ceilings");
    this.kernel =
        new KernelSet(new KernelLibrary(context), MathMode.FP16, context.device()).epilogue;
  }

  /**
   * Measures; takes about a second, and memory for that time.
   *
   * @throws EngineException if the device fails, or has too little memory free
   */
  static DeviceLimits measure(CudaDevice device) {
    try (CudaContext context = CudaContext.open(device)) {
      return new DeviceCeilings(context).measure();
    }
  }

  private DeviceLimits measure() {
    long cache = context.device().l2CacheBytes();
    long share = context.freeBytes() / SHARES_OF_FREE;
    long wanted = Math.min(CACHES_PER_ARRAY * cache, (long) MOST_ROWS * ROW_BYTES);
    int rows = Math.toIntExact(Math.min(wanted, share) / ROW_BYTES);
    long bytes = (long) rows * ROW_BYTES;
    if (bytes <= cache) {
      throw new EngineException(
          "%s has memory free for arrays of %d bytes only, and they must be larger than its cache of %d bytes; free some, or measure without other programs"
              .formatted(context.device(), bytes, cache));
    }
    try (DeviceMemory a = new DeviceMemory(context, "ceilings a", bytes);
        DeviceMemory b = new DeviceMemory(context, "ceilings b", bytes);
        DeviceMemory y = new DeviceMemory(context, "ceilings y", bytes)) {
      stream.zero(a.address(), bytes);
      stream.zero(b.address(), bytes);
      Launch sum = sum(a, b, y, rows, COLUMNS, CHANNELS);
      double copying = 2 * bytes / fastestSeconds(to -> to.copy(y.address(), a.address(), bytes));
      double adding = 3 * bytes / fastestSeconds(sum::enqueue);
      Launch tiny = sum(a, b, y, 1, 1, ChannelLayout.OCTET);
      return new DeviceLimits(
          Math.max(copying, adding),
          "%s, arrays of %d MiB beside an L2 cache of %d MiB, the faster of a copy and a sum"
              .formatted(copying >= adding ? "copy" : "sum of two", bytes >> 20, cache >> 20),
          launchNanos(tiny),
          1e3
              * new LaunchTimer(context, stream).micros(Collections.nCopies(LAUNCHES, tiny))
              / LAUNCHES);
    }
  }

  private Launch sum(
      DeviceMemory a, DeviceMemory b, DeviceMemory y, int rows, int columns, int channels) {
    return kernel.add(
        new View(a.address(), channels),
        new View(b.address(), channels),
        new View(y.address(), channels),
        rows,
        columns,
        channels);
  }

  private double fastestSeconds(Consumer<CudaStream> pass) {
    pass.accept(stream);
    double least = Double.POSITIVE_INFINITY;
    long begin = System.nanoTime();
    try (CudaEvent start = new CudaEvent(context, "start");
        CudaEvent end = new CudaEvent(context, "end")) {
      for (int i = 0;
          i < LEAST_PASSES || (i < MOST_PASSES && System.nanoTime() - begin < PASSES_NANOS);
          i++) {
        start.record(stream);
        pass.accept(stream);
        end.record(stream);
        end.synchronize();
        least = Math.min(least, 1e-3 * end.elapsedMs(start));
      }
    }
    return least;
  }

  private double launchNanos(Launch launch) {
    List<Launch> launches = Collections.nCopies(LAUNCHES, launch);
    new LaunchTimer(context, stream).run(launches);
    try (StepMarks marks = new StepMarks(context, "ceilings", LAUNCHES)) {
      for (int i = 0; i < LAUNCHES; i++) {
        marks.begin(i, stream);
        launch.enqueue(stream);
        marks.end(i, stream);
      }
      stream.synchronize();
      long[] nanos = marks.nanos();
      Arrays.sort(nanos);
      return nanos[LAUNCHES / 2];
    }
  }
}
