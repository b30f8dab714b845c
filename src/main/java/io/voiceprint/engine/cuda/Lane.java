package io.voiceprint.engine.cuda;

import io.voiceprint.audio.PcmAudio;
import io.voiceprint.cuda.CudaContext;
import io.voiceprint.cuda.CudaStream;
import io.voiceprint.engine.NodeWork;
import io.voiceprint.frontend.Features;
import io.voiceprint.graph.Value;
import java.util.List;

/**
 * A stream with the memory to run one row at a time. Rows of a size that was met before are
 * replayed as one CUDA graph, which is captured in the background after the first of them; until
 * then they are queued launch by launch.
 *
 * <p>For one thread at a time. A submission returns while the device works; {@link #await} must
 * follow before the next row.
 */
final class Lane {
  private final Network network;
  private final CudaStream stream;
  private final LanePrograms programs;
  private final RowProbe probe;
  private RowProgram running;

  /**
   * @param recorder makes graphs of its rows
   * @param name for messages
   */
  Lane(
      CudaContext context, Network network, RowLimits limits, GraphRecorder recorder, String name) {
    this.network = network;
    this.stream = new CudaStream(context, name);
    this.programs = new LanePrograms(context, network, limits, recorder, stream, name);
    this.probe = new RowProbe(context, network, stream, name);
  }

  /** Queues a row of samples: utterances {@code from} on, as packed. */
  void submitSamples(PackedRow packed, List<PcmAudio> utterances, int from) {
    withSamples(packed, utterances, from).start(stream);
  }

  /** Queues a row of features: utterances {@code from} on, as packed. */
  void submitFeatures(PackedRow packed, List<Features> utterances, int from) {
    withFeatures(packed, utterances, from).start(stream);
  }

  /** The program of a row whose staging holds the samples. */
  private RowProgram withSamples(PackedRow packed, List<PcmAudio> utterances, int from) {
    Source source = network.input().source(utterances, from, packed.clips());
    RowProgram program = withTables(packed, source);
    RowPlan row = program.plan().row();
    if (source.resamples()) {
      program.staging().putRaw(packed, network, row, utterances, from);
    } else {
      program.staging().putSamples(packed, network.frontEnd(), row, utterances, from);
    }
    return program;
  }

  private RowProgram withFeatures(PackedRow packed, List<Features> utterances, int from) {
    RowProgram program = withTables(packed, Source.FEATURES);
    program.staging().putFeatures(packed, program.plan().row(), utterances, from);
    return program;
  }

  private RowProgram withTables(PackedRow packed, Source source) {
    RowProgram program = programs.of(packed, source);
    running = program;
    program
        .staging()
        .putTables(packed, network.frontEnd(), program.plan().row(), network.timeStrides());
    return program;
  }

  /** Waits for the row that was submitted. */
  void await() {
    stream.synchronize();
  }

  /** The embedding of one clip of the row that was awaited. */
  float[] embedding(int clip) {
    float[] embedding = new float[network.graph().embeddingSize()];
    running.staging().read(clip * embedding.length, embedding);
    return embedding;
  }

  /**
   * Ends with the row: gives back what was taken for it alone, and lets rows of a new size be
   * captured.
   */
  void finish() {
    RowProgram done = running;
    running = null;
    if (done != null) {
      programs.finish(done);
    }
  }

  /** Runs a row of samples, and waits until rows of its size are captured. */
  void warmUp(PackedRow packed, List<PcmAudio> utterances) {
    submitSamples(packed, utterances, 0);
    await();
    RowProgram program = running;
    program.forgiveFailure();
    finish();
    program.awaitGraph();
  }

  /**
   * Makes this usable again after a failure: waits for what was queued before it and forgets the
   * row's program.
   */
  void recover() {
    RowProgram failed = running;
    running = null;
    try {
      stream.synchronize();
    } finally {
      programs.recover(failed);
    }
  }

  /** Runs a row of one clip up to one value and returns it, (C, F, T) or (D). */
  float[] valueOfSamples(PackedRow packed, List<PcmAudio> samples, Value value) {
    return probe.value(withSamples(packed, samples, 0), packed, value);
  }

  /** As {@link #valueOfSamples}, from features. */
  float[] valueOfFeatures(PackedRow packed, List<Features> features, Value value) {
    return probe.value(withFeatures(packed, features, 0), packed, value);
  }

  /** Runs a row of one clip and returns the nanoseconds that each step took on the device. */
  long[] nodeNanos(PackedRow packed, List<Features> features) {
    return probe.nodeNanos(withFeatures(packed, features, 0));
  }

  /** What each step of a row of one clip launches. */
  List<NodeWork> nodeWork(PackedRow packed, List<Features> features) {
    return RowProbe.work(withFeatures(packed, features, 0).plan());
  }

  /**
   * Runs a row of one clip, launch by launch, between a profiler's marks.
   *
   * @return the embedding
   */
  float[] passForProfiler(PackedRow packed, List<PcmAudio> samples) {
    probe.profile(withSamples(packed, samples, 0));
    return embedding(0);
  }
}
