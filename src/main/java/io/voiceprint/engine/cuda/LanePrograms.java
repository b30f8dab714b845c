package io.voiceprint.engine.cuda;

import io.voiceprint.cuda.CudaContext;
import io.voiceprint.cuda.CudaStream;
import io.voiceprint.cuda.DeviceArena;

/**
 * The programs of a lane and the memory that they share: its arena, and page-locked memory for what
 * goes up and comes down. For one thread at a time.
 */
final class LanePrograms {
  private final CudaContext context;
  private final Network network;
  private final RowLimits limits;
  private final String lane;
  private final DeviceArena arena;
  private final Staging staging;
  private final LaneLibraries libraries;
  private final GraphRecorder recorder;
  private final LaneLibraries recording;
  private final ProgramCache programs;

  /** Bytes of the arena that rows need which come again. */
  private long keptBytes;

  /** That of rows that are resampled, which upload more; there once the first of them came. */
  private Staging rawStaging;

  /**
   * @param recorder captures the programs
   * @param stream of the lane
   * @param lane its name, for messages
   */
  LanePrograms(
      CudaContext context,
      Network network,
      RowLimits limits,
      GraphRecorder recorder,
      CudaStream stream,
      String lane) {
    this.context = context;
    this.network = network;
    this.limits = limits;
    this.lane = lane;
    this.arena = new DeviceArena(context, lane, limits.arenaBytes());
    this.staging = new Staging(context, lane, limits.upBytes(), limits.downBytes());
    this.libraries = new LaneLibraries(stream);
    this.recorder = recorder;
    this.recording = new LaneLibraries(recorder.stream());
    this.programs = new ProgramCache(limits.graphBytes());
  }

  /** The program for a row, planned if there was none of its size yet. */
  RowProgram of(PackedRow packed, Source source) {
    int columns = limits.buckets().fitting(packed.columns());
    RowSize row = new RowSize(columns, Buckets.clips(packed.clips()));
    RowProgram program = programs.get(row, source);
    return program != null ? program : plan(row, source);
  }

  private RowProgram plan(RowSize row, Source source) {
    MemoryMap memory = MemoryMap.of(network, row, source);
    boolean kept = row.columns() <= limits.buckets().largest();
    arena.ensure(memory.bytes());
    if (kept) {
      keptBytes = Math.max(keptBytes, memory.bytes());
    }
    RowLibraries own = new RowLibraries(libraries);
    Plan plan;
    Staging staged;
    try {
      plan =
          new Plan(
              network,
              new RowPlan(row, memory, arena.address(), network.storage(), network.mode(), own));
      staged = kept ? staging(source) : staging(row, memory);
    } catch (RuntimeException | Error e) {
      own.close();
      throw e;
    }
    RowProgram program = new RowProgram(network, plan, staged, kept);
    if (kept) {
      programs.add(program);
    }
    return program;
  }

  /**
   * For a long utterance, minutes of speech, which is neither captured nor kept: the device takes
   * longer for each of its launches than the host takes to queue the next, so a graph would gain
   * nothing. Its memory is for it alone too, or the other lanes would lack it.
   */
  private Staging staging(RowSize row, MemoryMap memory) {
    return new Staging(context, lane, memory.uploadBytes(), network.resultBytes(row));
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

  /** Ends with a row that has landed: gives back what was taken for it alone. */
  void finish(RowProgram program) {
    program.finish(recorder, recording, lane);
    arena.shrink(keptBytes);
  }

  /**
   * Goes on after a failure, when nothing is under way any more.
   *
   * @param program that failed, which is forgotten; null if the failure came before there was one
   */
  void recover(RowProgram program) {
    if (program != null) {
      programs.remove(program);
      program.drop();
    }
    arena.shrink(keptBytes);
  }
}
