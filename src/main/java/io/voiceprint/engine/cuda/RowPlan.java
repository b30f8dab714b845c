package io.voiceprint.engine.cuda;

import io.voiceprint.cuda.MathMode;
import io.voiceprint.graph.Value;

/**
 * Where everything of a row lies on the device, for the operators that plan their launches.
 *
 * @param row its size
 * @param memory offsets of everything
 * @param base address that the offsets count from
 * @param storage which buffer each value lies in
 * @param mode format of the activations
 * @param libraries for launches through cuDNN, cuBLAS and cuFFT; of this row alone
 */
record RowPlan(
    RowSize row,
    MemoryMap memory,
    long base,
    ValueStorage storage,
    MathMode mode,
    RowLibraries libraries) {

  /** A feature map as its kernels see it. */
  View view(Value value) {
    ValueStorage.Home home = storage.home(value);
    long bytes = (long) home.channel() * mode.elementBytes();
    return new View(
        base + memory.bufferOffset(home.buffer()) + bytes, storage.bufferOf(value).width());
  }

  /** Address of the features or of the clips' vectors. */
  long address(Value value) {
    return base + memory.bufferOffset(storage.home(value).buffer());
  }

  /** Channels of a feature map in memory, padding included. */
  int width(Value value) {
    return storage.layout(value).width();
  }

  /** Columns of the row at a level. */
  int columns(int timeStride) {
    return row.columns(timeStride);
  }

  /** Address of the column table of a level. */
  long columnClip(int timeStride) {
    return base + memory.columnTableOffset(timeStride);
  }

  /** Address of the clip table. */
  long clips() {
    return base + memory.clipTableOffset();
  }

  /** Address of the sums over each clip, zero at first. */
  long clipSums() {
    return base + memory.clipSumsOffset();
  }

  /** Address of what was uploaded: samples, or a table of raw clips and their samples. */
  long payload() {
    return base + memory.payloadOffset();
  }

  /** Address of the scratch memory of a step. */
  long scratch(int step) {
    return base + memory.scratchOffset(step);
  }
}
