package io.voiceprint.engine.cuda;

import static io.voiceprint.engine.cuda.KernelSet.ceilDiv;

import io.voiceprint.cuda.LaunchShape;
import io.voiceprint.cuda.MathMode;
import java.util.Locale;

/**
 * The part of a convolution's output that one block computes, the largest first. Tiles of one
 * family give the same bits.
 */
enum ConvTile {
  SIMT_64X64(Family.SIMT, 64, 64, 4, 2),
  SIMT_64X32(Family.SIMT, 64, 32, 2, 2),
  MMA_128X128(Family.MMA, 128, 128, 8, 4),
  MMA_128X64(Family.MMA, 128, 64, 4, 3),
  MMA_128X32(Family.MMA, 128, 32, 4, 3),
  MMA_64X64(Family.MMA, 64, 64, 4, 3),
  MMA_64X32(Family.MMA, 64, 32, 4, 3),
  MMA_32X64(Family.MMA, 32, 64, 4, 5),
  MMA_32X32(Family.MMA, 32, 32, 4, 5);

  /** {@code kernels/conv_simt.cu} or {@code kernels/conv_mma.cu}. */
  enum Family {
    SIMT,
    MMA;

    String source() {
      return "conv_" + name().toLowerCase(Locale.ROOT);
    }
  }

  private static final int WARP = 32;
  private static final int MMA_STEP_BYTES = 64;
  private static final int MMA_PIXEL_BYTES = 80;
  private static final int SIMT_INNER = 16;

  private final Family family;
  private final int pixels;
  private final int channels;
  private final int warps;
  private final int stages;

  ConvTile(Family family, int pixels, int channels, int warps, int stages) {
    this.family = family;
    this.pixels = pixels;
    this.channels = channels;
    this.warps = warps;
    this.stages = stages;
  }

  Family family() {
    return family;
  }

  int channels() {
    return channels;
  }

  String entryPoint(MathMode mode) {
    String format =
        switch (mode) {
          case FP16 -> "f16";
          case FP32 -> "f32";
          case TF32 -> family == Family.MMA ? "tf32" : "f32";
        };
    return "%s_%dx%d_%s".formatted(family.source(), pixels, channels, format);
  }

  long blocks(long outPixels, int outputs) {
    return (long) ceilDiv(outPixels, pixels) * ceilDiv(outputs, channels);
  }

  /** Bytes of a block's shared memory. */
  int sharedBytes() {
    return family == Family.MMA
        ? stages * (pixels * MMA_PIXEL_BYTES + (channels + 8) * MMA_STEP_BYTES)
        : stages * SIMT_INNER * (pixels + 4 + channels) * Float.BYTES;
  }

  LaunchShape shape(long outPixels, int outputs) {
    return new LaunchShape(
        ceilDiv(outPixels, pixels),
        ceilDiv(outputs, channels),
        1,
        warps * WARP,
        1,
        1,
        sharedBytes());
  }
}
