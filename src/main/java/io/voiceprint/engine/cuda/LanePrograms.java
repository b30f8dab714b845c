package io.voiceprint.engine.cuda;

import io.voiceprint.cuda.CudaContext;
import io.voiceprint.cuda.CudaStream;
import io.voiceprint.cuda.DeviceArena;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The programs of a lane and the memory that they share: its arena, and page-locked memory for what
 * goes up and comes down. For one thread at a time.
 */
final class LanePrograms {
  /** Graphs kept; each takes a few hundred KiB on the device and on the host. */
  private static final int MAX_PROGRAMS = 48;

  private final CudaContext context;
  private final Network network;
  private final RowLimits limits;
  private final String lane;
  private final DeviceArena arena;
  private final Staging staging;
  private final LaneLibraries libraries;
  private final Map<Key, RowProgram> programs = new LinkedHashMap<>(64, 0.75f, true);

  /** That of rows that are resampled, which upload more; there once the first of them came. */
  private Staging rawStaging;

  private record Key(RowSize row, Source source) {}

  /**
   * @param stream of the lane
   * @param lane its name, for messages
   */
  LanePrograms(
      CudaContext context, Network network, RowLimits limits, CudaStream stream, String lane) {
    this.context = context;
    this.network = network;
    this.limits = limits;
    this.lane = lane;
    this.arena = new DeviceArena(context, lane, limits.arenaBytes());
    this.staging = new Staging(context, lane, limits.upBytes(), limits.downBytes());
    this.libraries = new LaneLibraries(context, stream);
  }

  /** The program for a row, planned if there was none of its size yet. */
  RowProgram of(PackedRow packed, Source source) {
    int columns = limits.buckets().fitting(packed.columns());
    RowSize row = new RowSize(columns, Buckets.clips(packed.clips()));
    RowProgram program = programs.get(new Key(row, source));
    return program != null ? program : plan(row, source);
  }

  private RowProgram plan(RowSize row, Source source) {
    MemoryMap memory = MemoryMap.of(network, row, source);
    arena.ensure(memory.bytes());
    Plan plan =
        new Plan(
            network,
            source,
            new RowPlan(
                row, memory, arena.address(), network.storage(), network.mode(), libraries));
    if (row.columns() <= limits.buckets().largest()) {
      RowProgram program = new RowProgram(network, plan, staging(source), true);
      programs.put(new Key(row, source), program);
      evict();
      return program;
    }
    // A long utterance, minutes of speech: the device takes longer for each of its launches than
    // the host takes to queue the next, so a graph would gain nothing.
    Staging own = new Staging(context, lane, memory.uploadBytes(), network.resultBytes(row));
    return new RowProgram(network, plan, own, false);
  }

  private Staging staging(Source source) {
    if (!source.resamples()) {
      return staging;
    }
    if (rawStaging == null) {
      rawStaging =
          new Staging(context, lane + ", other rates", limits.rawUpBytes(), limits.downBytes());
    }
    return rawStaging;
  }

  private void evict() {
    Iterator<RowProgram> oldest = programs.values().iterator();
    while (programs.size() > MAX_PROGRAMS) {
      RowProgram program = oldest.next();
      oldest.remove();
      program.drop();
    }
  }

  /** Forgets a program after a failure; nothing of it is under way any more. */
  void forget(RowProgram program) {
    programs.values().remove(program);
    program.finish();
    program.drop();
  }
}
