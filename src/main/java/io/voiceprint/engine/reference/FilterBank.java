package io.voiceprint.engine.reference;

import io.voiceprint.frontend.FbankOptions;
import io.voiceprint.frontend.Features;
import io.voiceprint.frontend.MelBank;
import io.voiceprint.frontend.PoveyWindow;
import java.util.Arrays;

/**
 * The log-mel filter bank of {@code torchaudio.compliance.kaldi.fbank}, in double precision save
 * for the mel matrix (see {@link MelBank}).
 */
final class FilterBank {
  private final FbankOptions options;
  private final double[] window;
  private final MelBank bank;
  private final Fft fft;

  FilterBank(FbankOptions options) {
    this.options = options;
    this.window = PoveyWindow.of(options.frameLength());
    this.bank = MelBank.of(options);
    this.fft = new Fft(options.fftLength());
  }

  /**
   * Log-mel values (T, F) with the mean over time subtracted from each bin.
   *
   * @param samples PCM in [-1, 1], at least one frame
   */
  Features features(float[] samples) {
    double[] logMel = logMel(samples);
    int bins = options.melBins();
    int frames = logMel.length / bins;
    float[] data = new float[logMel.length];
    for (int m = 0; m < bins; m++) {
      double sum = 0;
      for (int i = m; i < logMel.length; i += bins) {
        sum += logMel[i];
      }
      for (int i = m; i < logMel.length; i += bins) {
        data[i] = (float) (logMel[i] - sum / frames);
      }
    }
    return new Features(frames, bins, data);
  }

  /** Log-mel values (T, F) of all whole frames. */
  double[] logMel(float[] samples) {
    int frames = options.frames(samples.length);
    int bins = options.melBins();
    double[] logMel = new double[frames * bins];
    double[] real = new double[options.fftLength()];
    double[] imaginary = new double[options.fftLength()];
    double[] power = new double[options.spectrumBins()];
    for (int t = 0; t < frames; t++) {
      cutFrame(samples, t * options.frameShift(), real);
      power(real, imaginary, power);
      for (int m = 0; m < bins; m++) {
        logMel[t * bins + m] = Math.log(Math.max(melEnergy(power, m), FbankOptions.ENERGY_FLOOR));
      }
    }
    return logMel;
  }

  /** DC removal, pre-emphasis, window, zero padding to the transform's length. */
  void cutFrame(float[] samples, int begin, double[] frame) {
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
    Arrays.fill(frame, length, frame.length, 0.0);
  }

  /** Power spectrum of a frame; overwrites it. */
  void power(double[] frame, double[] imaginary, double[] power) {
    Arrays.fill(imaginary, 0.0);
    fft.transform(frame, imaginary);
    for (int k = 0; k < power.length; k++) {
      power[k] = frame[k] * frame[k] + imaginary[k] * imaginary[k];
    }
  }

  double melEnergy(double[] power, int mel) {
    float[] weights = bank.weights(mel);
    int first = bank.firstBin(mel);
    double energy = 0;
    for (int k = 0; k < weights.length; k++) {
      energy += weights[k] * power[first + k];
    }
    return energy;
  }
}
