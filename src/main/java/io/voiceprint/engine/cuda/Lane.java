package io.voiceprint.engine.cuda;

import io.voiceprint.audio.PcmAudio;
import io.voiceprint.cuda.CudaContext;
import io.voiceprint.cuda.CudaGraph;
import io.voiceprint.cuda.CudaStream;
import io.voiceprint.cuda.DeviceArena;
import io.voiceprint.cuda.PinnedBuffer;
import io.voiceprint.frontend.Features;
import io.voiceprint.graph.Shape.FeatureMap;
import io.voiceprint.graph.Value;
import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A stream with the memory to run one row at a time. Rows of a size that was met before are
 * replayed as one CUDA graph: the first one is queued launch by launch, the second is captured.
 *
 * <p>For one thread at a time. A submission returns while the device works; {@link #await} must
 * follow before the next row.
 */
final class Lane {
  /** Graphs kept; each takes a few hundred KiB on the device and on the host. */
  private static final int MAX_PROGRAMS = 48;

  private final CudaContext context;
  private final Network network;
  private final RowLimits limits;
  private final String name;
  private final CudaStream stream;
  private final DeviceArena arena;
  private final Staging staging;
  private final LaneLibraries libraries;
  private final Map<Key, Program> programs = new LinkedHashMap<>(64, 0.75f, true);
  private Program running;

  /** That of rows that are resampled, which upload more; there once the first of them came. */
  private Staging rawStaging;

  private record Key(RowSize row, Source source) {}

  /** A plan, the staging it reads and writes, and its graph once it was captured. */
  private static final class Program {
    private final Plan plan;
    private final Staging staging;

    /** Whether rows of its size share it and its staging. */
    private final boolean kept;

    private boolean ran;
    private CudaGraph graph;

    Program(Plan plan, Staging staging, boolean kept) {
      this.plan = plan;
      this.staging = staging;
      this.kept = kept;
    }
  }

  Lane(CudaContext context, Network network, RowLimits limits, String name) {
    this.context = context;
    this.network = network;
    this.limits = limits;
    this.name = name;
    this.stream = new CudaStream(context, name);
    this.arena = new DeviceArena(context, name, limits.arenaBytes());
    this.staging = new Staging(context, name, limits.upBytes(), limits.downBytes());
    this.libraries = new LaneLibraries(context, stream);
  }

  /** Queues a row of samples: utterances {@code from} on, as packed. */
  void submitSamples(PackedRow packed, List<PcmAudio> utterances, int from) {
    start(withSamples(packed, utterances, from));
  }

  private Program withSamples(PackedRow packed, List<PcmAudio> utterances, int from) {
    Source source = network.input().source(utterances, from, packed.clips());
    Program program = program(packed, source);
    RowPlan row = program.plan.row();
    putTables(program, packed);
    if (source.resamples()) {
      program.staging.putRaw(packed, network, row, utterances, from);
    } else {
      program.staging.putSamples(packed, network.frontEnd(), row, utterances, from);
    }
    return program;
  }

  /** Queues a row of features: utterances {@code from} on, as packed. */
  void submitFeatures(PackedRow packed, List<Features> utterances, int from) {
    Program program = program(packed, Source.FEATURES);
    putTables(program, packed);
    program.staging.putFeatures(packed, program.plan.row(), utterances, from);
    start(program);
  }

  /** Waits for the row that was submitted. */
  void await() {
    stream.synchronize();
  }

  /** The embedding of one clip of the row that was awaited. */
  float[] embedding(int clip) {
    float[] embedding = new float[network.graph().embeddingSize()];
    running.staging.read(clip * embedding.length, embedding);
    return embedding;
  }

  /** Ends with the row: gives back what was taken for it alone. */
  void finish() {
    Program done = running;
    running = null;
    if (done != null && !done.kept) {
      done.staging.close();
    }
  }

  /**
   * Makes this usable again after a failure: waits for what was queued before it and forgets the
   * row's plan.
   */
  void recover() {
    Program failed = running;
    running = null;
    try {
      stream.synchronize();
    } finally {
      if (failed != null) {
        programs.values().remove(failed);
        if (!failed.kept) {
          failed.staging.close();
        }
        close(failed);
      }
    }
  }

  /** Runs a row of one clip up to one value and returns it, (C, F, T) or (D). */
  float[] valueOfSamples(PackedRow packed, List<PcmAudio> samples, Value value) {
    return value(withSamples(packed, samples, 0), packed, value);
  }

  /** As {@link #valueOfSamples}, from features. */
  float[] valueOfFeatures(PackedRow packed, List<Features> features, Value value) {
    Program program = program(packed, Source.FEATURES);
    putTables(program, packed);
    program.staging.putFeatures(packed, program.plan.row(), features, 0);
    return value(program, packed, value);
  }

  /** Runs a row of one clip and returns the nanoseconds that each step took on the device. */
  long[] nodeNanos(PackedRow packed, List<Features> features) {
    Program program = program(packed, Source.FEATURES);
    putTables(program, packed);
    program.staging.putFeatures(packed, program.plan.row(), features, 0);
    upload(program);
    try (StepMarks marks = new StepMarks(context, name, program.plan.last() + 1)) {
      program.plan.enqueue(stream, program.plan.last(), marks);
      await();
      return marks.nanos();
    }
  }

  private float[] value(Program program, PackedRow packed, Value value) {
    Plan plan =
        network.fused().isEmpty() ? program.plan : Plan.separate(network, program.plan.row());
    upload(program);
    plan.enqueue(stream, value.id());
    ValueStorage.Buffer buffer = network.storage().bufferOf(value);
    long bytes = buffer.bytes(plan.row().row(), network.mode());
    try (PinnedBuffer target =
        new PinnedBuffer(context, "value of " + value.name(), Math.toIntExact(bytes))) {
      try {
        stream.download(target, 0, bufferAddress(plan, value), bytes);
      } finally {
        stream.synchronize();
      }
      return unpack(target.bytes(), plan.row(), packed, value);
    }
  }

  private long bufferAddress(Plan plan, Value value) {
    return arena.address()
        + plan.row().memory().bufferOffset(network.storage().home(value).buffer());
  }

  private float[] unpack(ByteBuffer bytes, RowPlan row, PackedRow packed, Value value) {
    if (!(value.shape() instanceof FeatureMap map)) {
      float[] vector = new float[value.vector().size()];
      bytes.asFloatBuffer().get(vector);
      return vector;
    }
    return ValueReader.read(
        bytes, network.storage(), network.mode(), value, map, row, packed.frames(0));
  }

  /** Prepares the plan for rows of this size without running it twice. */
  private Program program(PackedRow packed, Source source) {
    int columns = limits.buckets().fitting(packed.columns());
    RowSize row = new RowSize(columns, Buckets.clips(packed.clips()));
    Program program = programs.get(new Key(row, source));
    if (program == null) {
      program = newProgram(row, source);
    }
    running = program;
    return program;
  }

  private Program newProgram(RowSize row, Source source) {
    MemoryMap memory = MemoryMap.of(network, row, source);
    arena.ensure(memory.bytes());
    Plan plan =
        new Plan(
            network,
            new RowPlan(
                row, memory, arena.address(), network.storage(), network.mode(), libraries));
    long downBytes = downBytes(network, row);
    if (row.columns() <= limits.buckets().largest()) {
      Program program = new Program(plan, staging(source), true);
      programs.put(new Key(row, source), program);
      evict();
      return program;
    }
    // A long utterance, minutes of speech: the device takes longer for each of its launches than
    // the host takes to queue the next, so a graph would gain nothing.
    return new Program(plan, new Staging(context, name, memory.uploadBytes(), downBytes), false);
  }

  private Staging staging(Source source) {
    if (!source.resamples()) {
      return staging;
    }
    if (rawStaging == null) {
      rawStaging =
          new Staging(context, name + ", other rates", limits.rawUpBytes(), limits.downBytes());
    }
    return rawStaging;
  }

  /** Bytes of the embeddings of a row. */
  static long downBytes(Network network, RowSize row) {
    return (long) Float.BYTES * row.clips() * network.graph().embeddingSize();
  }

  private void evict() {
    Iterator<Program> oldest = programs.values().iterator();
    while (programs.size() > MAX_PROGRAMS) {
      Program program = oldest.next();
      oldest.remove();
      close(program);
    }
  }

  private static void close(Program program) {
    if (program.graph != null) {
      program.graph.close();
    }
  }

  private void putTables(Program program, PackedRow packed) {
    program.staging.putTables(
        packed, network.frontEnd(), program.plan.row(), network.timeStrides());
  }

  private void start(Program program) {
    if (program.graph == null && program.ran && program.kept) {
      program.graph =
          CudaGraph.capture(stream, name + ", " + program.plan.row().row(), () -> enqueue(program));
    }
    if (program.graph == null) {
      enqueue(program);
      program.ran = true;
    } else {
      program.graph.launch(stream);
    }
  }

  private void enqueue(Program program) {
    Plan plan = program.plan;
    upload(program);
    plan.enqueue(stream, plan.last());
    stream.download(
        program.staging.down(),
        0,
        plan.row().address(network.graph().output()),
        downBytes(network, plan.row().row()));
  }

  private void upload(Program program) {
    stream.upload(
        arena.address(), program.staging.up(), 0, program.plan.row().memory().uploadBytes());
  }
}
