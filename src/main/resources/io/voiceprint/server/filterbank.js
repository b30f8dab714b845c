'use strict';

// The front end's options, as in FbankOptions: 16 kHz, 25 ms frames every 10 ms, 80 mel bins from 20 Hz on.
const RATE = 16000;
const FRAME = 400;
const SHIFT = 160;
const FFT = 512;
const BINS = 80;
const LOWEST = 20;
const PREEMPHASIS = 0.97;
const FLOOR = 2 ** -23;

const mel = (hz) => 1127 * Math.log(1 + hz / 700);

const WINDOW = Float64Array.from({length: FRAME}, (_, i) =>
  Math.pow(0.5 - 0.5 * Math.cos(2 * Math.PI * i / (FRAME - 1)), 0.85));

/** Triangular filters: for each, its first bin of the spectrum and its weights. */
const MEL_BANK = (() => {
  const low = mel(LOWEST);
  const delta = (mel(RATE / 2) - low) / (BINS + 1);
  return Array.from({length: BINS}, (_, m) => {
    const left = low + m * delta;
    const filter = {first: -1, weights: []};
    for (let k = 0; k < FFT / 2; k++) {
      const at = (mel(k * RATE / FFT) - left) / delta;
      const weight = Math.min(at, 2 - at);
      if (weight > 0) {
        if (filter.first < 0) {
          filter.first = k;
        }
        filter.weights.push(weight);
      }
    }
    return filter;
  });
})();

/** Fourier transform in place, radix 2. */
function transform(re, im) {
  const n = re.length;
  for (let i = 1, j = 0; i < n; i++) {
    let bit = n >> 1;
    for (; j & bit; bit >>= 1) {
      j ^= bit;
    }
    j ^= bit;
    if (i < j) {
      [re[i], re[j]] = [re[j], re[i]];
      [im[i], im[j]] = [im[j], im[i]];
    }
  }
  for (let size = 2; size <= n; size *= 2) {
    const half = size / 2;
    for (let k = 0; k < half; k++) {
      const c = Math.cos(-2 * Math.PI * k / size);
      const s = Math.sin(-2 * Math.PI * k / size);
      for (let i = k; i < n; i += size) {
        const r = re[i + half] * c - im[i + half] * s;
        const q = re[i + half] * s + im[i + half] * c;
        re[i + half] = re[i] - r;
        im[i + half] = im[i] - q;
        re[i] += r;
        im[i] += q;
      }
    }
  }
}

/** Frames of a clip: whole ones only. */
const frameCount = (samples) =>
  samples.length < FRAME ? 0 : 1 + Math.floor((samples.length - FRAME) / SHIFT);

/** Log energies [BINS] of the frame that begins at a sample. */
function frameEnergies(samples, start) {
  const re = new Float64Array(FFT);
  const im = new Float64Array(FFT);
  let mean = 0;
  for (let i = 0; i < FRAME; i++) {
    mean += samples[start + i] / FRAME;
  }
  for (let i = 0; i < FRAME; i++) {
    const before = samples[start + Math.max(0, i - 1)] - mean;
    re[i] = (samples[start + i] - mean - PREEMPHASIS * before) * WINDOW[i];
  }
  transform(re, im);
  return Float64Array.from(MEL_BANK, ({first, weights}) => {
    let sum = 0;
    weights.forEach((weight, i) => {
      sum += weight * (re[first + i] ** 2 + im[first + i] ** 2);
    });
    return Math.log(Math.max(sum, FLOOR));
  });
}
