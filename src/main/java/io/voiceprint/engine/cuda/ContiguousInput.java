package io.voiceprint.engine.cuda;

import io.voiceprint.cuda.DeviceMemory;
import io.voiceprint.engine.UnsupportedNetworkException;
import io.voiceprint.graph.Node;
import io.voiceprint.graph.Value;
import java.util.List;

/**
 * The input of a pooling, whose kernels want its channels one behind the other. A map along time
 * that is cut into parts with padding between them is gathered first.
 */
final class ContiguousInput {
  private final Value input;
  private final ChannelLayout layout;
  private final FlattenSources sources; // null if there is nothing to gather
  private final KernelSet kernels;

  /**
   * @throws UnsupportedNetworkException if a map with several frequencies would have to be gathered
   */
  ContiguousInput(
      Node pooling, Value input, KernelSet kernels, ValueStorage storage, WeightStore weights) {
    this.input = input;
    this.kernels = kernels;
    this.layout = ChannelLayout.of(input.map().channels());
    ChannelLayout stored = storage.layout(input);
    if (stored.isContiguous()) {
      sources = null;
    } else if (input.map().frequency() == 1) {
      sources = new FlattenSources(input.map(), stored, layout, weights);
    } else {
      throw Operators.unsupported(
          pooling, input.name() + " is cut into parts that are no multiples of 8");
    }
  }

  /** Where the channels lie in what {@link #plan} returns. */
  ChannelLayout layout() {
    return layout;
  }

  /** Bytes of scratch memory that {@link #plan} needs. */
  long scratchBytes(RowSize row) {
    return sources == null
        ? 0
        : DeviceMemory.align(
            (long) row.columns(input.map().timeStride())
                * layout.width()
                * kernels.mode().elementBytes());
  }

  /** Adds the gathering, if any, and returns where the map then lies. */
  View plan(RowPlan row, long scratch, List<Launch> launches) {
    View stored = row.view(input);
    if (sources == null) {
      return stored;
    }
    int timeStride = input.map().timeStride();
    View gathered = new View(scratch, layout.width());
    launches.add(
        kernels.flatten.map(
            stored,
            sources.addresses(),
            row.columnClip(timeStride),
            gathered,
            row.columns(timeStride),
            layout.width()));
    return gathered;
  }
}
