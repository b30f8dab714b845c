'use strict';

// Waveforms and filter banks on canvases, and in words for those who do not see them.

const MOST_COLUMNS = 640;

const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(name);

function drawWave(canvas, samples) {
  const pen = canvas.getContext('2d');
  const {width, height} = canvas;
  pen.clearRect(0, 0, width, height);
  pen.fillStyle = color('--wave');
  let peak = 0;
  for (let x = 0; x < width; x++) {
    const from = Math.floor(x * samples.length / width);
    const to = Math.max(from + 1, Math.floor((x + 1) * samples.length / width));
    let low = 1;
    let high = -1;
    for (let i = from; i < to && i < samples.length; i++) {
      low = Math.min(low, samples[i]);
      high = Math.max(high, samples[i]);
    }
    peak = Math.max(peak, -low, high);
    pen.fillRect(x, (1 - high) * height / 2, 1, Math.max(1, (high - low) * height / 2));
  }
  const level = peak > 0 ? `peak ${(20 * Math.log10(peak)).toFixed(1)} dB of full scale` : 'silent';
  canvas.setAttribute('aria-label', `Waveform: ${seconds(samples)}, ${level}`);
}

// Dark to bright in even steps of lightness, so that it reads in grey and to every eye (after viridis).
const SHADES = [[68, 1, 84], [59, 82, 139], [33, 145, 140], [94, 201, 98], [253, 231, 37]];

function shade(value) {
  const at = Math.min(0.9999, Math.max(0, value)) * (SHADES.length - 1);
  const i = Math.floor(at);
  return SHADES[i].map((low, c) => low + (at - i) * (SHADES[i + 1][c] - low));
}

/** Time to the right, low frequencies at the bottom; of a long clip, evenly spaced frames. */
function drawBank(canvas, samples) {
  const frames = frameCount(samples);
  const pen = canvas.getContext('2d');
  pen.clearRect(0, 0, canvas.width, canvas.height);
  if (frames === 0) {
    canvas.setAttribute('aria-label', 'Filter bank: the clip is shorter than a frame');
    return;
  }
  const columns = Math.min(frames, MOST_COLUMNS);
  const energies = Array.from({length: columns}, (_, x) =>
    frameEnergies(samples, SHIFT * Math.floor(x * frames / columns)));
  const sorted = Float64Array.from(energies.flatMap((column) => [...column])).sort();
  const low = sorted[Math.floor(sorted.length * 0.05)];
  const high = sorted[Math.floor(sorted.length * 0.995)];
  const image = new ImageData(columns, BINS);
  const sums = new Float64Array(BINS);
  energies.forEach((column, x) => column.forEach((energy, bin) => {
    sums[bin] += energy;
    const at = 4 * ((BINS - 1 - bin) * columns + x);
    image.data.set([...shade((energy - low) / (high - low || 1)), 255], at);
  }));
  const small = new OffscreenCanvas(columns, BINS);
  small.getContext('2d').putImageData(image, 0, 0);
  pen.imageSmoothingEnabled = false;
  pen.drawImage(small, 0, 0, canvas.width, canvas.height);
  const loudest = sums.indexOf(Math.max(...sums));
  const step = (mel(RATE / 2) - mel(LOWEST)) / (BINS + 1);
  const hz = 700 * (Math.exp((mel(LOWEST) + (loudest + 1) * step) / 1127) - 1);
  canvas.setAttribute('aria-label',
    `Filter bank: ${frames} frames of ${BINS} mel bins, most energy around ${Math.round(hz)} hertz`);
}

const seconds = (samples) => `${(samples.length / RATE).toFixed(2)} seconds`;
