package io.voiceprint.engine.cuda;

import static io.voiceprint.engine.cuda.KernelSet.ceilDiv;

import io.voiceprint.cuda.MathMode;
import java.util.Locale;

/**
 * The part of a convolution's output that one block computes at a time, the largest first. Tiles of
 * one family give the same bits, and those of {@code MMA_PERSISTENT} the bits of {@code MMA}.
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
  MMA_32X32(Family.MMA, 32, 32, 4, 5),
  MMA_SPLIT_64X64(Family.MMA_SPLIT, 64, 64, 8, 3),
  MMA_SPLIT_32X32(Family.MMA_SPLIT, 32, 32, 4, 5),
  MMA_PERSISTENT_64X64(Family.MMA_PERSISTENT, 64, 64, 4, 4),
  MMA_PERSISTENT_64X32(Family.MMA_PERSISTENT, 64, 32, 4, 4);

  /** Kernels of one source and one order of summation. */
  enum Family {
    SIMT("conv_simt"),
    MMA("conv_mma"),
    MMA_SPLIT("conv_mma"),
    MMA_PERSISTENT("conv_mma_persistent");

    private final String source;

    Family(String source) {
      this.source = source;
    }

    /** The file under {@code kernels/}, without its ending. */
    String source() {
      return source;
    }
  }

  private static final int WARP = 32;
  private static final int STEP_BYTES = 64;
  private static final int SPLIT_STEP_BYTES = 128;
  private static final int PIXEL_PAD_BYTES = 16;
  private static final int CHANNEL_PAD = 8;
  private static final int RESULT_PAD = 4;
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

  int threads() {
    return warps * WARP;
  }

  String entryPoint(MathMode mode) {
    String format =
        switch (mode) {
          case FP16 -> "f16";
          case FP32 -> "f32";
          case TF32 -> family == Family.SIMT ? "f32" : "tf32";
        };
    return "conv_%s_%s".formatted(name().toLowerCase(Locale.ROOT), format);
  }

  /** Tiles along the pixels. */
  int pixelTiles(long outPixels) {
    return ceilDiv(outPixels, pixels);
  }

  /** Tiles along the channels. */
  int channelTiles(int outputs) {
    return ceilDiv(outputs, channels);
  }

  long tiles(long outPixels, int outputs) {
    return (long) pixelTiles(outPixels) * channelTiles(outputs);
  }

  /** Bytes of a block's shared memory. */
  int sharedBytes(ConvLayer layer, MathMode mode) {
    return switch (family) {
      case SIMT -> stages * SIMT_INNER * (pixels + 4 + channels) * Float.BYTES;
      case MMA -> stages * (pixelBytes(STEP_BYTES) + weightBytes(STEP_BYTES));
      case MMA_SPLIT -> stages * (pixelBytes(SPLIT_STEP_BYTES) + weightBytes(SPLIT_STEP_BYTES));
      case MMA_PERSISTENT ->
          stages * pixelBytes(STEP_BYTES)
              + warps * 16 * (channels / 2 + RESULT_PAD) * Float.BYTES
              + weightBytes(RowGeometry.roundUp(layer.inner() * mode.elementBytes(), STEP_BYTES));
    };
  }

  private int pixelBytes(int inner) {
    return pixels * (inner + PIXEL_PAD_BYTES);
  }

  /**
   * @param inner bytes of the inner extent; the channels beside it are elements
   */
  private int weightBytes(int inner) {
    return inner * (channels + CHANNEL_PAD);
  }
}
