package io.voiceprint.engine.cuda;

import io.voiceprint.cuda.CudaContext;
import io.voiceprint.cuda.CudaStream;
import io.voiceprint.cuda.PinnedBuffer;
import io.voiceprint.engine.NodeWork;
import io.voiceprint.graph.Shape.FeatureMap;
import io.voiceprint.graph.Value;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * Looks into a row of one clip while a lane runs it, launch by launch: what a node computed, and
 * how long each step took.
 *
 * @param stream of the lane
 * @param lane its name, for messages
 */
record RowProbe(CudaContext context, Network network, CudaStream stream, String lane) {

  /** Runs a row up to one value and returns it, (C, F, T) or (D). */
  float[] value(RowProgram program, PackedRow packed, Value value) {
    Plan plan =
        network.fused().isEmpty() ? program.plan() : Plan.separate(network, program.plan().row());
    program.upload(stream);
    plan.enqueue(stream, value.id());
    ValueStorage.Buffer buffer = network.storage().bufferOf(value);
    long bytes = buffer.bytes(plan.row().row(), network.mode());
    try (PinnedBuffer target =
        new PinnedBuffer(context, "value of " + value.name(), Math.toIntExact(bytes))) {
      try {
        stream.download(target, 0, bufferAddress(plan.row(), value), bytes);
      } finally {
        stream.synchronize();
      }
      return unpack(target.bytes(), plan.row(), packed, value);
    }
  }

  private long bufferAddress(RowPlan row, Value value) {
    return row.base() + row.memory().bufferOffset(network.storage().home(value).buffer());
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

  /** Runs a row and returns the nanoseconds that each step took on the device. */
  long[] nodeNanos(RowProgram program) {
    Plan plan = program.plan();
    program.upload(stream);
    try (StepMarks marks = new StepMarks(context, lane, plan.last() + 1)) {
      plan.enqueue(stream, plan.last(), marks);
      stream.synchronize();
      return marks.nanos();
    }
  }

  /** What each step of a plan launches. */
  static List<NodeWork> work(Plan plan) {
    List<NodeWork> steps = new ArrayList<>();
    for (int step = 0; step <= plan.last(); step++) {
      List<OptionalLong> bytes = plan.launches(step).stream().map(Launch::bytes).toList();
      steps.add(
          new NodeWork(
              bytes.size(),
              bytes.stream().allMatch(OptionalLong::isPresent)
                  ? OptionalLong.of(bytes.stream().mapToLong(OptionalLong::getAsLong).sum())
                  : OptionalLong.empty()));
    }
    return steps;
  }

  /** Runs a row between a profiler's marks, from upload to download. */
  void profile(RowProgram program) {
    context.profiled(
        () -> {
          program.enqueue(stream);
          stream.synchronize();
        });
  }
}
