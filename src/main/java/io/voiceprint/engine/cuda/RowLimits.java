package io.voiceprint.engine.cuda;

import io.voiceprint.cuda.CudaDevice;
import io.voiceprint.cuda.DeviceArena;
import io.voiceprint.engine.EngineException;
import io.voiceprint.frontend.FbankOptions;
import java.util.Arrays;
import java.util.function.ToLongFunction;

/**
 * How large rows may become on a device, and what each lane reserves for them.
 *
 * @param buckets sizes of the rows that several utterances may share
 * @param maxClips most clips of such a row
 * @param maxFrames most frames of one utterance, which may be longer than any bucket; there is room
 *     for one such at a time
 * @param arenaBytes a lane's address range
 * @param graphBytes a lane's device memory for graphs
 * @param upBytes a lane's page-locked memory for upload
 * @param rawUpBytes likewise for rows that are resampled
 * @param downBytes and for download
 */
record RowLimits(
    Buckets buckets,
    int maxClips,
    int maxFrames,
    long arenaBytes,
    long graphBytes,
    long upBytes,
    long rawUpBytes,
    long downBytes) {

  /** What a row longer than all buckets may be computed from. */
  private static final Source[] OF_LONG_ROWS = {
    Source.FEATURES, Source.SAMPLES, Source.SAMPLES_INT16
  };

  /** Share of the free memory that the lanes together may take with rows of several utterances. */
  private static final double BATCH_SHARE = 0.5;

  /**
   * Share of the free memory that one long utterance may take, together with what the other lanes
   * hold for rows of several.
   */
  private static final double LONG_SHARE = 0.9;

  /** Share of the free memory that the graphs of all lanes may take. */
  private static final double GRAPH_SHARE = 1.0 / 16;

  /** Enough for every size of row that speech comes in: some 50,000 graph nodes. */
  private static final long MAX_GRAPH_BYTES = 512L << 20;

  /** No row has more columns than this: kernels count pixels, and octets of a line, in 32 bits. */
  private static final int MAX_COLUMNS = 1 << 21;

  /** Nor does it upload more: a page-locked buffer is addressed in 32 bits. */
  private static final int MAX_UPLOAD_BYTES = Integer.MAX_VALUE;

  private static final int MAX_CLIPS = 1024;

  /**
   * Measures what rows take and fits them into the free memory of the device.
   *
   * @param free bytes of device memory that may be planned with
   * @throws EngineException if there is no room for the shortest utterance
   */
  static RowLimits of(CudaDevice device, Network network, int lanes, long free) {
    RowGeometry geometry = network.geometry();
    int minFrames = network.graph().minFrames();
    requireUploadable(network, geometry.footprint(minFrames));
    int batch = largest(network, (long) (free * BATCH_SHARE / lanes), Source.values());
    if (batch < geometry.footprint(minFrames)) {
      throw new EngineException(
          "%s has %d MiB free, too little for %d rows of this network at once; free memory (nvidia-smi says who has it) or use another GPU"
              .formatted(device, free >> 20, lanes));
    }
    Buckets buckets = Buckets.of(geometry, minFrames, batch);
    RowSize row = fullest(network, buckets.largest());
    long batchBytes = bytes(network, row, Source.values());
    int longest = buckets.largest();
    if (DeviceArena.canGrow(device)) {
      long rest = (long) (free * LONG_SHARE) - (lanes - 1) * batchBytes;
      longest = Math.max(longest, largest(network, rest, OF_LONG_ROWS));
    }
    return new RowLimits(
        buckets,
        clips(network, buckets.largest()),
        geometry.framesWithin(longest),
        Math.max(batchBytes, bytes(network, new RowSize(longest, 1), OF_LONG_ROWS)),
        Math.min((long) (free * GRAPH_SHARE), MAX_GRAPH_BYTES) / lanes,
        Math.max(
            MemoryMap.of(network, row, Source.SAMPLES).uploadBytes(),
            MemoryMap.of(network, row, Source.FEATURES).uploadBytes()),
        MemoryMap.of(network, row, Source.HIGHER_RATES).uploadBytes(),
        network.resultBytes(row));
  }

  /** Whether a row is longer than all buckets, so that there is room for one such at a time. */
  boolean isLong(PackedRow row) {
    return row.columns() > buckets.largest();
  }

  /** Most clips that a row may have. */
  private static int clips(Network network, int columns) {
    int shortest = network.geometry().footprint(network.graph().minFrames());
    return Math.min(MAX_CLIPS, Math.max(1, columns / shortest));
  }

  private static RowSize fullest(Network network, int columns) {
    return new RowSize(columns, Buckets.clips(clips(network, columns)));
  }

  private static void requireUploadable(Network network, int columns) {
    long bytes = uploadBytes(network, columns, Source.values());
    if (bytes > MAX_UPLOAD_BYTES) {
      FbankOptions frontEnd = network.frontEnd();
      throw new EngineException(
          "frameLength=%d and frameShift=%d samples: a row of %d frames uploads up to %d bytes, and there is room for 2 GiB; use a front end with shorter frames"
              .formatted(frontEnd.frameLength(), frontEnd.frameShift(), columns, bytes));
    }
  }

  /** Most columns of a row of one clip that takes at most {@code bytes}; 0 if there is none. */
  private static int largest(Network network, long bytes, Source... sources) {
    int alignment = network.geometry().alignment();
    int fits = 0;
    int tooMany = MAX_COLUMNS / alignment;
    while (fits + 1 < tooMany) {
      int middle = (fits + tooMany) >>> 1;
      int columns = middle * alignment;
      if (bytes(network, new RowSize(columns, 1), sources) <= bytes
          && uploadBytes(network, columns, sources) <= MAX_UPLOAD_BYTES) {
        fits = middle;
      } else {
        tooMany = middle;
      }
    }
    return fits * alignment;
  }

  private static long bytes(Network network, RowSize row, Source... sources) {
    return most(network, row, MemoryMap::bytes, sources);
  }

  private static long uploadBytes(Network network, int columns, Source... sources) {
    return most(network, fullest(network, columns), MemoryMap::uploadBytes, sources);
  }

  private static long most(
      Network network, RowSize row, ToLongFunction<MemoryMap> what, Source... sources) {
    return Arrays.stream(sources)
        .map(source -> MemoryMap.of(network, row, source))
        .mapToLong(what)
        .max()
        .orElseThrow();
  }
}
