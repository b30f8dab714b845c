package io.voiceprint.engine.cuda;

import io.voiceprint.frontend.FbankOptions;
import io.voiceprint.frontend.MelBank;
import io.voiceprint.frontend.PoveyWindow;
import io.voiceprint.graph.Value;
import java.util.List;

/** From samples to features on the device: filter bank, then mean subtraction clip by clip. */
final class FilterBank {
  private final FbankOptions options;
  private final KernelSet kernels;
  private final WeightStore.Slot window;
  private final WeightStore.Slot twiddles;
  private final WeightStore.Slot filters;
  private final WeightStore.Slot melWeights;

  FilterBank(FbankOptions options, KernelSet kernels, WeightStore weights) {
    if (!FbankKernel.supports(options)) {
      throw new IllegalArgumentException(
          "the CUDA engine computes features with preemphasis=0.97 and at most %d mel bins, not %s"
              .formatted(CmnKernel.MAX_BINS, options));
    }
    this.options = options;
    this.kernels = kernels;
    this.window = weights.floats(floats(PoveyWindow.of(options.frameLength())));
    this.twiddles = weights.floats(twiddles(options.fftLength()));
    MelBank bank = MelBank.of(options);
    int[] table = new int[3 * bank.melBins()];
    int total = 0;
    for (int mel = 0; mel < bank.melBins(); mel++) {
      table[3 * mel] = bank.firstBin(mel);
      table[3 * mel + 1] = bank.weights(mel).length;
      table[3 * mel + 2] = total;
      total += bank.weights(mel).length;
    }
    float[] all = new float[total];
    for (int mel = 0; mel < bank.melBins(); mel++) {
      float[] row = bank.weights(mel);
      System.arraycopy(row, 0, all, table[3 * mel + 2], row.length);
    }
    this.filters = weights.ints(table);
    this.melWeights = weights.floats(all);
  }

  /** exp(-2πik / length), real and imaginary parts in turn. */
  private static float[] twiddles(int length) {
    float[] twiddles = new float[2 * length];
    for (int k = 0; k < length; k++) {
      twiddles[2 * k] = (float) Math.cos(2 * Math.PI * k / length);
      twiddles[2 * k + 1] = (float) -Math.sin(2 * Math.PI * k / length);
    }
    return twiddles;
  }

  private static float[] floats(double[] values) {
    float[] floats = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      floats[i] = (float) values[i];
    }
    return floats;
  }

  long scratchBytes(RowSize row) {
    return FbankKernel.fuses(options) ? 0 : FbankKernel.scratchBytes(options, row.columns());
  }

  /**
   * Adds the launches that fill {@code features}.
   *
   * @param wave address of the samples at the front end's rate
   * @param scratch address of {@link #scratchBytes}
   * @param sums of each clip, zero before; with them the mean is not subtracted
   */
  void plan(
      RowPlan row, long wave, long scratch, Value features, ClipSums sums, List<Launch> launches) {
    int columns = row.row().columns();
    long target = row.address(features);
    FbankKernel.Constants constants =
        new FbankKernel.Constants(
            window.address(), twiddles.address(), filters.address(), melWeights.address());
    if (FbankKernel.fuses(options)) {
      launches.add(
          kernels.fbank.fused(
              row.clips(),
              row.columnClip(1),
              wave,
              constants,
              target,
              sums,
              columns,
              options.melBins()));
    } else {
      launches.addAll(
          kernels.fbank.around(
              row.clips(),
              row.columnClip(1),
              wave,
              constants,
              options,
              scratch,
              FbankKernel.pieces(options, columns)
                  .launches(
                      row.libraries(),
                      scratch,
                      FbankKernel.spectrum(options, scratch, columns),
                      FbankKernel.work(options, scratch, columns)),
              target,
              sums,
              columns));
    }
    if (!sums.exists()) {
      launches.add(
          kernels.cmn.launch(row.clips(), row.row().clips(), target, columns, options.melBins()));
    }
  }
}
