package io.voiceprint.engine.cpu;

import io.voiceprint.frontend.FbankOptions;
import io.voiceprint.frontend.Features;
import io.voiceprint.frontend.MelBank;
import io.voiceprint.frontend.PoveyWindow;

/**
 * The log-mel filter bank of {@code torchaudio.compliance.kaldi.fbank}, blocks of frames in
 * parallel. Immutable.
 */
final class FilterBank {
  private static final int BLOCK_FRAMES = 64;

  private final FbankOptions options;
  private final double[] window;
  private final MelBank bank;
  private final RealFft fft;

  FilterBank(FbankOptions options) {
    this.options = options;
    this.window = PoveyWindow.of(options.frameLength());
    this.bank = MelBank.of(options);
    this.fft = new RealFft(options.fftLength());
  }

  /**
   * Log-mel values (T, F) with the mean over time subtracted from each bin.
   *
   * @param samples PCM in [-1, 1], at least one frame
   */
  Features features(float[] samples, Workers workers) {
    int frames = options.frames(samples.length);
    int bins = options.melBins();
    double[] logMel = new double[frames * bins];
    int blocks = (frames + BLOCK_FRAMES - 1) / BLOCK_FRAMES;
    workers.forEach(
        blocks,
        block -> {
          int from = block * BLOCK_FRAMES;
          logMel(samples, from, Math.min(from + BLOCK_FRAMES, frames), logMel);
        });
    return new Features(frames, bins, centred(logMel, frames, bins));
  }

  private static float[] centred(double[] logMel, int frames, int bins) {
    double[] means = new double[bins];
    for (int t = 0; t < frames; t++) {
      for (int m = 0; m < bins; m++) {
        means[m] += logMel[t * bins + m];
      }
    }
    for (int m = 0; m < bins; m++) {
      means[m] /= frames;
    }
    float[] centred = new float[logMel.length];
    for (int t = 0; t < frames; t++) {
      for (int m = 0; m < bins; m++) {
        centred[t * bins + m] = (float) (logMel[t * bins + m] - means[m]);
      }
    }
    return centred;
  }

  /** Log-mel values of frames {@code from} to {@code until}, before mean subtraction. */
  void logMel(float[] samples, int from, int until, double[] logMel) {
    double[] frame = new double[options.fftLength()];
    double[] re = new double[options.fftLength() / 2];
    double[] im = new double[options.fftLength() / 2];
    double[] power = new double[options.spectrumBins()];
    for (int t = from; t < until; t++) {
      cutFrame(samples, t * options.frameShift(), frame);
      fft.power(frame, re, im, power);
      for (int m = 0; m < options.melBins(); m++) {
        logMel[t * options.melBins() + m] =
            Math.log(Math.max(melEnergy(power, m), FbankOptions.ENERGY_FLOOR));
      }
    }
  }

  /** DC removal, pre-emphasis and window; what lies behind the frame's length stays zero. */
  private void cutFrame(float[] samples, int begin, double[] frame) {
    int length = options.frameLength();
    double mean = 0;
    for (int i = 0; i < length; i++) {
      mean += samples[begin + i];
    }
    mean /= length;
    // Kaldi repeats the first sample before the frame, so it is pre-emphasised against itself.
    double previous = samples[begin] - mean;
    for (int i = 0; i < length; i++) {
      double sample = samples[begin + i] - mean;
      frame[i] = (sample - options.preemphasis() * previous) * window[i];
      previous = sample;
    }
  }

  private double melEnergy(double[] power, int mel) {
    float[] weights = bank.weights(mel);
    int first = bank.firstBin(mel);
    double energy = 0;
    for (int k = 0; k < weights.length; k++) {
      energy += weights[k] * power[first + k];
    }
    return energy;
  }
}
