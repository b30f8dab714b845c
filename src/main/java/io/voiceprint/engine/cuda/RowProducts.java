package io.voiceprint.engine.cuda;

import io.voiceprint.cuda.Kernel;
import io.voiceprint.cuda.MathMode;
import io.voiceprint.graph.Node;
import java.util.Optional;

/**
 * The products of rows in shared memory that fused kernels are made of: {@code
 * kernels/mma_rows.cuh} on tensor cores where there are any for the format, else {@code
 * kernels/simt_rows.cuh}.
 */
final class RowProducts {
  private final KernelSet kernels;
  private final boolean onTensorCores;

  RowProducts(KernelSet kernels) {
    this.kernels = kernels;
    this.onTensorCores = kernels.conv.methods().get(0) != ConvKernel.Method.SIMT;
  }

  boolean onTensorCores() {
    return onTensorCores;
  }

  /**
   * The entry point of a family whose sources are {@code family_mma.cu}, {@code family_simt.cu}.
   */
  Kernel kernel(String family) {
    String source = family + (onTensorCores ? "_mma" : "_simt");
    String format = onTensorCores ? (kernels.mode() == MathMode.FP16 ? "_f16" : "_tf32") : "_f32";
    return kernels.kernel(source, source + format);
  }

  /** What the channels of a row must be a multiple of. */
  int multiple() {
    return onTensorCores ? FragmentOrder.COLUMNS : ChannelLayout.OCTET;
  }

  /** Why rows of so many channels are not multiplied; empty if they are. */
  Optional<String> obstacle(int channels) {
    return channels % multiple() == 0
        ? Optional.empty()
        : Optional.of("%d channels, not a multiple of %d".formatted(channels, multiple()));
  }

  /** A matrix (inner, columns) in the order that the kernels read. */
  float[] packed(float[] matrix, int columns) {
    return onTensorCores ? FragmentOrder.of(matrix, columns, kernels.mode()) : matrix;
  }

  /** The constants of a fusion as the kernels read them. */
  GateWeights gate(Node.AttentionalFusion node, ChannelLayout layout) {
    GateWeights weights = GateWeights.of(node, layout, AffMmaKernel.inner(node.innerChannels()));
    return onTensorCores ? weights.inFragments(kernels.mode()) : weights;
  }
}
