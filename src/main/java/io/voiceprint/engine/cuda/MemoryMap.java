package io.voiceprint.engine.cuda;

import io.voiceprint.cuda.DeviceMemory;
import io.voiceprint.engine.cuda.ArenaPlanner.Placement;
import io.voiceprint.engine.cuda.ArenaPlanner.Request;
import java.util.ArrayList;
import java.util.List;

/**
 * Where everything of a row lies in a lane's arena: first what is uploaded in one piece (clip
 * table, column tables, sums over clips, payload), then the activations, which share memory by
 * liveness.
 */
final class MemoryMap {
  /** Bytes of {@code struct Clip}. */
  static final int CLIP_BYTES = 4 * Integer.BYTES;

  private final Source source;
  private final int[] timeStrides;
  private final long[] tableOffsets;
  private final long clipSumsOffset;
  private final long payloadOffset;
  private final long uploadBytes;
  private final long[] bufferOffsets;
  private final long[] scratchOffsets;
  private final long bytes;

  private MemoryMap(
      Source source,
      int[] timeStrides,
      long[] tableOffsets,
      long clipSumsOffset,
      long payloadOffset,
      long uploadBytes,
      long[] bufferOffsets,
      long[] scratchOffsets,
      long bytes) {
    this.source = source;
    this.timeStrides = timeStrides;
    this.tableOffsets = tableOffsets;
    this.clipSumsOffset = clipSumsOffset;
    this.payloadOffset = payloadOffset;
    this.uploadBytes = uploadBytes;
    this.bufferOffsets = bufferOffsets;
    this.scratchOffsets = scratchOffsets;
    this.bytes = bytes;
  }

  static MemoryMap of(Network network, RowSize row, Source source) {
    int[] timeStrides = network.timeStrides();
    long[] tableOffsets = new long[timeStrides.length];
    long offset = DeviceMemory.align((long) row.clips() * CLIP_BYTES);
    for (int level = 0; level < timeStrides.length; level++) {
      tableOffsets[level] = offset;
      offset += DeviceMemory.align((long) row.columns(timeStrides[level]) * Integer.BYTES);
    }
    long clipSumsOffset = offset;
    if (source != Source.FEATURES) {
      offset += DeviceMemory.align(network.fused().clipSumBytes(row));
    }
    long uploadBytes = offset + network.payloadBytes(row, source);
    return placed(
        network, row, source, timeStrides, tableOffsets, clipSumsOffset, offset, uploadBytes);
  }

  private static MemoryMap placed(
      Network network,
      RowSize row,
      Source source,
      int[] timeStrides,
      long[] tableOffsets,
      long clipSumsOffset,
      long payloadOffset,
      long uploadBytes) {
    int steps = network.graph().nodes().size();
    List<Request> requests = new ArrayList<>();
    for (int id = 0; id < steps; id++) {
      ValueStorage.Buffer buffer = network.storage().buffer(id);
      boolean uploaded = id == 0 && source == Source.FEATURES;
      requests.add(
          buffer == null || uploaded
              ? new Request(0, id, id)
              : new Request(
                  buffer.bytes(row, network.mode()),
                  buffer.first(),
                  Math.max(buffer.last(), network.fused().lastUse(id))));
    }
    for (int id = 0; id < steps; id++) {
      requests.add(new Request(network.scratchBytes(id, row, source), id, id));
    }
    Placement placement = ArenaPlanner.place(requests);
    long activations = DeviceMemory.align(uploadBytes);
    long[] bufferOffsets = new long[steps];
    long[] scratchOffsets = new long[steps];
    for (int id = 0; id < steps; id++) {
      bufferOffsets[id] = activations + placement.offsets()[id];
      scratchOffsets[id] = activations + placement.offsets()[steps + id];
    }
    if (source == Source.FEATURES) {
      bufferOffsets[0] = payloadOffset;
    }
    return new MemoryMap(
        source,
        timeStrides,
        tableOffsets,
        clipSumsOffset,
        payloadOffset,
        uploadBytes,
        bufferOffsets,
        scratchOffsets,
        activations + placement.bytes());
  }

  long clipTableOffset() {
    return 0;
  }

  long columnTableOffset(int timeStride) {
    for (int level = 0; level < timeStrides.length; level++) {
      if (timeStrides[level] == timeStride) {
        return tableOffsets[level];
      }
    }
    throw new IllegalArgumentException("no level of time stride " + timeStride);
  }

  /** What the row is computed from. */
  Source source() {
    return source;
  }

  /** Offset of the sums over each clip, uploaded as zeros; the payload follows. */
  long clipSumsOffset() {
    return clipSumsOffset;
  }

  long payloadOffset() {
    return payloadOffset;
  }

  /** Bytes from the start that are uploaded. */
  long uploadBytes() {
    return uploadBytes;
  }

  /** Offset of the buffer that value {@code id} owns. */
  long bufferOffset(int id) {
    return bufferOffsets[id];
  }

  long scratchOffset(int step) {
    return scratchOffsets[step];
  }

  /** Bytes of the arena that a row takes. */
  long bytes() {
    return bytes;
  }
}
