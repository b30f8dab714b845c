package io.voiceprint.engine.cuda;

import static io.voiceprint.engine.cuda.KernelSet.ceilDiv;

import io.voiceprint.cuda.Kernel;
import io.voiceprint.cuda.LaunchShape;
import java.util.Optional;

/** Launches {@code kernels/aff_mma.cu}: attentional feature fusion in one tensor-core kernel. */
final class AffMmaKernel {
  private static final int THREADS = 128;
  private static final int ROWS = 16;
  private static final int MAX_TILE = 64;
  private static final int PAD_BYTES = 16;

  /** So that two blocks share a multiprocessor of any card. */
  private static final int WANTED_SHARED_BYTES = 32 * 1024;

  private final KernelSet kernels;
  private final Kernel kernel; // null where there are no tensor cores for the format

  AffMmaKernel(KernelSet kernels) {
    this.kernels = kernels;
    this.kernel = kernels.products.onTensorCores() ? kernels.products.kernel("aff") : null;
  }

  /** Channels between the matrices as the kernel takes them. */
  static int inner(int channels) {
    return RowGeometry.roundUp(channels, FragmentOrder.COLUMNS);
  }

  /** Why this device cannot fuse so many channels on tensor cores; empty if it can. */
  Optional<String> obstacle(int channels, int inner) {
    if (kernel == null) {
      return Optional.of("this device's tensor cores do not take " + kernels.mode());
    }
    return kernels
        .products
        .obstacle(channels)
        .or(() -> kernels.sharedObstacle(sharedBytes(ROWS, channels, inner(inner))));
  }

  /**
   * @param call with {@link #inner} channels between the matrices
   * @param weights matrices in the order of {@link FragmentOrder}, in the engine's format
   */
  Launch fused(AffCall call, GateSlots.Addresses weights) {
    int tile = MAX_TILE;
    // Rather many small blocks than few large ones; the tile does not change the result.
    while (tile > ROWS
        && (sharedBytes(tile, call.channels(), call.inner()) > WANTED_SHARED_BYTES
            || ceilDiv(call.pixels(), tile) < 2 * kernels.device().multiprocessors())) {
      tile -= ROWS;
    }
    int shared = sharedBytes(tile, call.channels(), call.inner());
    kernels.allowShared(kernel, shared, "fusion of %d channels".formatted(call.channels()));
    return Launch.of(
            kernel,
            LaunchShape.linear(ceilDiv(call.pixels(), tile), THREADS, shared),
            call.arguments(weights, tile))
        .moving(call.bytes(kernels.mode(), kernels.mode()));
  }

  private int sharedBytes(int tile, int channels, int inner) {
    return tile * ((2 * channels + inner) * kernels.mode().elementBytes() + 2 * PAD_BYTES);
  }
}
