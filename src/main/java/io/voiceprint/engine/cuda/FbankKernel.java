package io.voiceprint.engine.cuda;

import static io.voiceprint.engine.cuda.KernelSet.ceilDiv;

import io.voiceprint.cuda.DeviceMemory;
import io.voiceprint.cuda.Kernel;
import io.voiceprint.cuda.LaunchShape;
import io.voiceprint.frontend.FbankOptions;
import java.util.ArrayList;
import java.util.List;

/**
 * Launches {@code kernels/fbank.cu}: from samples to log-mel energies, in one kernel for frames of
 * 400 samples every 160, around a library transform for any other.
 */
final class FbankKernel {
  private static final int WARP = 32;
  private static final int WARPS = 4;
  private static final int FFT_ROW = 8 * 36;

  private final KernelSet kernels;
  private final Kernel fused;
  private final Kernel frameWindow;
  private final Kernel powerMelLog;

  FbankKernel(KernelSet kernels) {
    this.kernels = kernels;
    fused = kernels.kernel("fbank", "fbank_f32");
    frameWindow = kernels.kernel("fbank", "frame_window");
    powerMelLog = kernels.kernel("fbank", "power_mel_log");
  }

  /**
   * The addresses of the filter bank's constants.
   *
   * @param window (frameLength)
   * @param twiddles (fftLength) complex: exp(-2πik / fftLength)
   * @param filters (bins) of {@code MelFilter}
   * @param melWeights of all filters
   */
  record Constants(long window, long twiddles, long filters, long melWeights) {}

  /** Whether the fused kernel computes this front end. */
  static boolean fuses(FbankOptions options) {
    return options.frameLength() == 400 && options.frameShift() == 160;
  }

  /** Pre-emphasis is a constant of the kernels. */
  static boolean supports(FbankOptions options) {
    return (float) options.preemphasis() == 0.97f && options.melBins() <= CmnKernel.MAX_BINS;
  }

  /** Bytes that {@link #around} needs as scratch, with what the library needs. */
  static long scratchBytes(FbankOptions options, int columns) {
    return work(options, 0, columns) + pieces(options, columns).workBytes();
  }

  /** How the library transforms the frames. */
  static FramePieces pieces(FbankOptions options, int columns) {
    return new FramePieces(columns, options.fftLength());
  }

  /**
   * @param wave address of the samples
   * @param features address of (columns, bins)
   * @param sums to add each frame to, zero before
   */
  Launch fused(
      long clips,
      long columnClip,
      long wave,
      Constants constants,
      long features,
      ClipSums sums,
      int columns,
      int bins) {
    return Launch.of(
            fused,
            shape(columns, WARPS * 2 * FFT_ROW * Float.BYTES),
            new Kernel.Arguments()
                .address(clips)
                .address(columnClip)
                .address(wave)
                .address(constants.window())
                .address(constants.twiddles())
                .address(constants.filters())
                .address(constants.melWeights())
                .float32(FbankOptions.ENERGY_FLOOR)
                .address(features)
                .address(sums.address())
                .int32(columns)
                .int32(bins))
        // Fused frames are 160 samples apart.
        .moving((long) columns * (160 + bins) * Float.BYTES + sums.bytes());
  }

  /**
   * The same for any frame length.
   *
   * @param transforms the real transforms of (columns, fftLength) at {@code scratch} into (columns,
   *     spectrumBins) complex at {@link #spectrum}; there is room for whole pieces
   */
  List<Launch> around(
      long clips,
      long columnClip,
      long wave,
      Constants constants,
      FbankOptions options,
      long scratch,
      List<Launch> transforms,
      long features,
      ClipSums sums,
      int columns) {
    int shared = WARPS * options.spectrumBins() * Float.BYTES;
    kernels.allowShared(
        powerMelLog, shared, "spectrum of %d bins".formatted(options.spectrumBins()));
    List<Launch> launches = new ArrayList<>();
    launches.add(
        Launch.of(
            frameWindow,
            shape(columns, 0),
            new Kernel.Arguments()
                .address(clips)
                .address(columnClip)
                .address(wave)
                .address(constants.window())
                .int32(options.frameLength())
                .int32(options.frameShift())
                .address(scratch)
                .int32(options.fftLength())
                .int32(columns)));
    launches.addAll(transforms);
    launches.add(
        Launch.of(
            powerMelLog,
            shape(columns, shared),
            new Kernel.Arguments()
                .address(columnClip)
                .address(spectrum(options, scratch, columns))
                .int32(options.fftLength())
                .address(constants.filters())
                .address(constants.melWeights())
                .float32(FbankOptions.ENERGY_FLOOR)
                .address(features)
                .address(sums.address())
                .int32(columns)
                .int32(options.melBins())));
    return launches;
  }

  /** Where the spectra of {@link #around} lie in its scratch. */
  static long spectrum(FbankOptions options, long scratch, int columns) {
    return scratch
        + DeviceMemory.align(filled(options, columns) * options.fftLength() * Float.BYTES);
  }

  /** Where the scratch memory of the library lies in that of {@link #around}. */
  static long work(FbankOptions options, long scratch, int columns) {
    return spectrum(options, scratch, columns)
        + DeviceMemory.align(filled(options, columns) * options.spectrumBins() * 2 * Float.BYTES);
  }

  private static long filled(FbankOptions options, int columns) {
    return pieces(options, columns).filled();
  }

  private static LaunchShape shape(int columns, int sharedBytes) {
    return new LaunchShape(ceilDiv(columns, WARPS), 1, 1, WARP, WARPS, 1, sharedBytes);
  }
}
