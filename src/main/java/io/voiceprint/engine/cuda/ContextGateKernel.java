package io.voiceprint.engine.cuda;

import static io.voiceprint.engine.cuda.KernelSet.ceilDiv;

import io.voiceprint.cuda.Kernel;
import io.voiceprint.cuda.LaunchShape;
import java.util.List;

/** Launches {@code kernels/context_gate.cu}: gates from averages over clips and segments. */
final class ContextGateKernel {
  private static final int MAX_OCTETS = 32;
  private static final int SLICES = 8;
  private static final int GATE_THREADS = 128;
  private static final int THREADS = 256;

  private final KernelSet kernels;
  private final Kernel sums;
  private final Kernel gates;
  private final Kernel gateMap;

  ContextGateKernel(KernelSet kernels) {
    this.kernels = kernels;
    sums = kernels.kernelOfFormat("context_gate", "context_sums");
    gates = kernels.kernel("context_gate", "context_gates");
    gateMap = kernels.kernelOfFormat("context_gate", "gate_map");
  }

  /**
   * The addresses of the weights, all float32.
   *
   * @param squeeze (context, inner)
   * @param squeezeBias (inner)
   * @param expand (inner, channels)
   * @param expandBias (channels)
   */
  record Weights(long squeeze, long squeezeBias, long expand, long expandBias) {}

  /**
   * The extents of a gate.
   *
   * @param context channels in memory that are averaged, a multiple of 8
   * @param inner hidden units
   * @param channels that are gated, in memory, a multiple of 8
   * @param timeStride of both maps
   * @param segment columns of a segment, or 0 if the clip is one
   */
  record Extents(int context, int inner, int channels, int timeStride, int segment) {
    /** Places for the averages and gates of all segments of a row. */
    private long slots(int columns, int clipCount) {
      return clipCount + (segment == 0 ? 0L : columns / segment);
    }

    private int mostSegments(int columns) {
      return segment == 0 ? 1 : ceilDiv(columns, segment);
    }
  }

  /** Bytes that {@link #launches} needs as scratch. */
  static long scratchBytes(Extents extents, int columns, int clipCount) {
    return Float.BYTES
        * extents.slots(columns, clipCount)
        * (extents.context() + extents.channels());
  }

  /**
   * @param clips address of the clip table
   * @param x (columns, channels)
   * @param context (columns, context)
   * @param y (columns, channels)
   */
  List<Launch> launches(
      Extents extents,
      Weights weights,
      long clips,
      int clipCount,
      long columnClip,
      View x,
      View context,
      View y,
      long scratch,
      int columns) {
    long slots = extents.slots(columns, clipCount);
    long gateValues = scratch + Float.BYTES * slots * extents.context();
    int elementBytes = kernels.mode().elementBytes();
    int octets = extents.context() / ChannelLayout.OCTET;
    int blockOctets = Math.min(octets, MAX_OCTETS);
    int segments = extents.mostSegments(columns);
    int shared = (extents.context() + extents.inner()) * Float.BYTES;
    kernels.allowShared(gates, shared, "a gate from %d channels".formatted(extents.context()));
    return List.of(
        Launch.of(
                sums,
                new LaunchShape(
                    ceilDiv(octets, blockOctets),
                    segments,
                    clipCount,
                    blockOctets,
                    SLICES,
                    1,
                    SLICES * blockOctets * ChannelLayout.OCTET * Float.BYTES),
                new ParamStruct()
                    .address(clips)
                    .address(context.address())
                    .address(scratch)
                    .int32(context.stride())
                    .int32(extents.context())
                    .int32(extents.timeStride())
                    .int32(extents.segment())
                    .arguments())
            .moving(
                (long) columns * extents.context() * elementBytes
                    + slots * extents.context() * Float.BYTES),
        Launch.of(
                gates,
                new LaunchShape(segments, clipCount, 1, GATE_THREADS, 1, 1, shared),
                new ParamStruct()
                    .address(clips)
                    .address(scratch)
                    .address(weights.squeeze())
                    .address(weights.squeezeBias())
                    .address(weights.expand())
                    .address(weights.expandBias())
                    .address(gateValues)
                    .int32(extents.context())
                    .int32(extents.inner())
                    .int32(extents.channels())
                    .int32(extents.timeStride())
                    .int32(extents.segment())
                    .arguments())
            .moving(
                Float.BYTES
                    * (slots * (extents.context() + extents.channels())
                        + (long) extents.inner() * (extents.context() + extents.channels()))),
        Launch.of(
                gateMap,
                LaunchShape.linear(
                    ceilDiv((long) columns * (extents.channels() / ChannelLayout.OCTET), THREADS),
                    THREADS,
                    0),
                new ParamStruct()
                    .address(clips)
                    .address(columnClip)
                    .address(x.address())
                    .address(gateValues)
                    .address(y.address())
                    .int32(x.stride())
                    .int32(y.stride())
                    .int32(columns)
                    .int32(extents.channels())
                    .int32(extents.timeStride())
                    .int32(extents.segment())
                    .arguments())
            .moving(
                2L * columns * extents.channels() * elementBytes
                    + slots * extents.channels() * Float.BYTES));
  }
}
