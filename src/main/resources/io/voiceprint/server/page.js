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

const MOST_COLUMNS = 640;
const RECORDING_MS = 30000;
const EVERY_MS = 2000;
const HISTORY = 60;

const byId = (id) => document.getElementById(id);
const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(name);

// ---------------------------------------------------------------------------------------------- the filter bank

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

// ---------------------------------------------------------------------------------------------- pictures

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

// ---------------------------------------------------------------------------------------------- clips

/** Samples of the first channel at the network's rate, as far as this browser can decode. */
async function decode(blob) {
  const context = new OfflineAudioContext(1, 1, RATE);
  const audio = await context.decodeAudioData(await blob.arrayBuffer());
  return audio.getChannelData(0);
}

/** 16 bit PCM: the server reads no WebM, in which browsers record. */
function wav(samples) {
  const view = new DataView(new ArrayBuffer(44 + 2 * samples.length));
  const text = (at, letters) => [...letters].forEach((c, i) => view.setUint8(at + i, c.charCodeAt(0)));
  text(0, 'RIFF');
  view.setUint32(4, 36 + 2 * samples.length, true);
  text(8, 'WAVEfmt ');
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, RATE, true);
  view.setUint32(28, 2 * RATE, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  text(36, 'data');
  view.setUint32(40, 2 * samples.length, true);
  samples.forEach((value, i) =>
    view.setInt16(44 + 2 * i, Math.round(Math.max(-1, Math.min(1, value)) * 32767), true));
  return new Blob([view], {type: 'audio/wav'});
}

class Clip {
  constructor(root) {
    this.file = root.querySelector('input');
    this.button = root.querySelector('.record');
    this.about = root.querySelector('.about');
    this.wave = root.querySelector('.wave');
    this.bank = root.querySelector('.bank');
    this.player = root.querySelector('audio');
    this.samples = new Float32Array();
    this.blob = null;
    this.recorder = null;
    this.file.addEventListener('change', () => this.file.files.length && this.show(this.file.files[0], this.file.files[0].name));
    this.button.addEventListener('click', () => this.recorder ? this.recorder.stop() : this.record());
  }

  async show(blob, name) {
    this.blob = blob;
    this.name = name;
    this.samples = new Float32Array();
    URL.revokeObjectURL(this.player.src);
    this.player.src = URL.createObjectURL(blob);
    this.player.hidden = false;
    try {
      const samples = await decode(blob);
      if (this.blob !== blob) {
        return;
      }
      this.samples = samples;
      this.about.textContent = `${name}, ${seconds(samples)}`;
    } catch {
      this.about.textContent = `${name}: this browser cannot draw it; the server may still read it.`;
    }
    this.draw();
  }

  draw() {
    drawWave(this.wave, this.samples);
    drawBank(this.bank, this.samples);
  }

  async record() {
    if (!navigator.mediaDevices) {
      this.about.textContent = 'Browsers record only on pages from this machine or over https.';
      return;
    }
    let stream;
    try {
      // What makes calls pleasant changes the voice.
      stream = await navigator.mediaDevices.getUserMedia(
        {audio: {echoCancellation: false, noiseSuppression: false, autoGainControl: false}});
    } catch (e) {
      this.about.textContent = `No recording: ${e.message}.`;
      return;
    }
    const parts = [];
    this.recorder = new MediaRecorder(stream);
    this.recorder.addEventListener('dataavailable', (event) => parts.push(event.data));
    this.recorder.addEventListener('stop', async () => {
      clearTimeout(limit);
      stream.getTracks().forEach((track) => track.stop());
      this.recorder = null;
      this.button.textContent = 'Record';
      this.button.setAttribute('aria-pressed', 'false');
      this.file.value = '';
      try {
        await this.show(wav(await decode(new Blob(parts))), 'recording.wav');
      } catch (e) {
        this.about.textContent = `No recording: ${e.message}.`;
      }
    });
    const limit = setTimeout(() => this.recorder.stop(), RECORDING_MS);
    this.recorder.start();
    this.button.textContent = 'Stop';
    this.button.setAttribute('aria-pressed', 'true');
    this.about.textContent = `Recording, ${RECORDING_MS / 1000} seconds at most.`;
  }
}

// ---------------------------------------------------------------------------------------------- asking

async function ask(address, options = {}) {
  const token = byId('token').value;
  const headers = token ? {authorization: `Bearer ${token}`} : {};
  const response = await fetch(address, {...options, headers, cache: 'no-store'});
  if (response.status === 401) {
    byId('token-field').hidden = false;
  }
  if (!response.ok) {
    const problem = await response.json().catch(() => ({}));
    throw new Error(problem.detail || problem.title || `the server answered ${response.status}`);
  }
  return response;
}

async function loadModels() {
  const {models} = await (await ask('v1/models')).json();
  const chosen = byId('model').value;
  byId('model').replaceChildren(...models.filter((model) => model.ready).map((model) =>
    new Option(`${model.name} on ${model.device}`, model.name, false, model.name === chosen)));
}

const at = (element, value) => element.style.setProperty('--at', `${50 + 50 * value}%`);

async function compare(clips) {
  const missing = clips.find((clip) => !clip.blob);
  byId('problem').textContent = '';
  byId('scale').hidden = true;
  delete byId('answer').dataset.same;
  if (missing) {
    byId('answer').textContent = 'Nothing compared yet.';
    byId('problem').textContent = 'Two clips are needed: choose or record the one that is missing.';
    missing.file.focus();
    return;
  }
  const form = new FormData();
  form.append('a', clips[0].blob, clips[0].name);
  form.append('b', clips[1].blob, clips[1].name);
  byId('answer').textContent = 'Comparing …';
  byId('compare').disabled = true;
  try {
    const model = byId('model').value;
    const query = model ? `?model=${encodeURIComponent(model)}` : '';
    showResult(await (await ask(`v1/verify${query}`, {method: 'POST', body: form})).json());
  } catch (e) {
    byId('answer').textContent = 'No result.';
    byId('problem').textContent = `${e.message}`;
  } finally {
    byId('compare').disabled = false;
    byId('result').focus();
  }
}

function showResult({model, score, threshold, same}) {
  const decided = threshold !== undefined;
  const answer = byId('answer');
  const verdict = !decided ? 'Score' : same ? 'The same voice: score' : 'Different voices: score';
  const limit = decided ? `, threshold ${threshold.toFixed(3)}` : '; the model states no threshold';
  answer.textContent = `${verdict} ${score.toFixed(3)}${limit} (model ${model})`;
  if (decided) {
    answer.dataset.same = same;
    at(byId('limit'), threshold);
  }
  byId('limit').hidden = !decided;
  at(byId('mark'), score);
  byId('scale').hidden = false;
}

// ---------------------------------------------------------------------------------------------- live figures

/** Samples of the text format of Prometheus: name, labels, value. */
function parseMetrics(text) {
  return [...text.matchAll(/^([a-z_]+)(?:\{(.*)\})? (\S+)$/gm)].map(([, name, labels, value]) => ({
    name,
    labels: Object.fromEntries([...(labels || '').matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, k, v]) => [k, v])),
    value: Number(value),
  }));
}

const total = (samples, name) =>
  samples.filter((sample) => sample.name === name).reduce((sum, sample) => sum + sample.value, 0);

/** Counts of a histogram's buckets, those of all its labels together: [bound, count] by bound, not cumulative. */
function buckets(samples, name, wanted = () => true) {
  const sums = new Map();
  for (const sample of samples) {
    if (sample.name === `${name}_bucket` && wanted(sample.labels)) {
      const bound = sample.labels.le === '+Inf' ? Infinity : Number(sample.labels.le);
      sums.set(bound, (sums.get(bound) || 0) + sample.value);
    }
  }
  const sorted = [...sums].sort(([a], [b]) => a - b);
  return sorted.map(([bound, sum], i) => [bound, sum - (i > 0 ? sorted[i - 1][1] : 0)]);
}

/** Text of the bound below which a share of a histogram lies. */
function quantile(counts, share) {
  const all = counts.reduce((sum, [, count]) => sum + count, 0);
  let below = 0;
  for (let i = 0; i < counts.length && all > 0; i++) {
    below += counts[i][1];
    if (below >= share * all) {
      const bound = counts[i][0];
      return bound === Infinity ? `> ${counts[i - 1][0]} s` : `≤ ${bound < 1 ? `${Math.round(bound * 1000)} ms` : `${bound} s`}`;
    }
  }
  return '–';
}

const INFERENCE = /^\/v1\/(embeddings|verify)$|\/infer$|ModelInfer/;
const history = [];

function showFigures(samples) {
  const model = (name) => total(samples, `voiceprint_model_${name}`);
  const passes = model('batches_total');
  const columns = model('computed_columns_total');
  const latency = buckets(samples, 'voiceprint_request_seconds', ({route}) => INFERENCE.test(route));
  const ready = total(samples, 'voiceprint_model_ready');
  const figures = {
    waiting: model('queue_waiting'),
    running: model('queue_running'),
    computed: model('utterances_total').toLocaleString('en'),
    refused: model('rejected_total').toLocaleString('en'),
    batch: passes ? (model('batch_utterances_sum') / passes).toFixed(2) : '–',
    padding: columns ? `${(100 * (1 - model('audio_columns_total') / columns)).toFixed(1)} %` : '–',
    p50: quantile(latency, 0.5),
    p95: quantile(latency, 0.95),
  };
  for (const [id, value] of Object.entries(figures)) {
    byId(id).textContent = value;
  }
  byId('state').textContent =
    `${ready} ${ready === 1 ? 'model' : 'models'} ready, ${total(samples, 'voiceprint_connections')} connections open.`;
  history.push(figures.waiting + figures.running);
  history.splice(0, history.length - HISTORY);
  drawQueue();
  showSizes(buckets(samples, 'voiceprint_model_batch_utterances'));
}

function drawQueue() {
  const canvas = byId('queue');
  const pen = canvas.getContext('2d');
  const {width, height} = canvas;
  const most = Math.max(4, ...history);
  const step = width / HISTORY;
  pen.clearRect(0, 0, width, height);
  pen.fillStyle = color('--wave');
  history.forEach((value, i) => {
    const tall = Math.max(2, value / most * (height - 24));
    pen.fillRect(width - (history.length - i) * step, height - tall, step - 1, tall);
  });
  pen.fillStyle = color('--quiet');
  pen.font = '16px system-ui, sans-serif';
  pen.fillText(`top: ${most}`, 6, 18);
  canvas.setAttribute('aria-label',
    `Queue: utterances waiting or computed, now ${history.at(-1)}, at most ${Math.max(...history)} in the last ${history.length * EVERY_MS / 1000} seconds`);
}

function showSizes(counts) {
  const all = counts.reduce((sum, [, count]) => sum + count, 0);
  const rows = counts.map(([bound, count], i) => {
    const from = i > 0 ? counts[i - 1][0] + 1 : 1;
    const name = bound === Infinity ? `${from} or more` : from >= bound ? `${bound}` : `${from} to ${bound}`;
    return [name, count];
  }).filter(([, count]) => count > 0);
  byId('sizes').replaceChildren(...rows.map(([name, count]) => {
    const row = document.createElement('tr');
    const head = document.createElement('th');
    head.scope = 'row';
    head.textContent = name;
    row.append(head);
    row.insertCell().textContent = count.toLocaleString('en');
    const bar = document.createElement('span');
    bar.style.setProperty('--share', `${100 * count / all}%`);
    row.insertCell().append(bar);
    return row;
  }));
}

async function follow() {
  const paused = byId('pause').getAttribute('aria-pressed') === 'true';
  if (!paused && !document.hidden) {
    try {
      showFigures(parseMetrics(await (await ask('metrics')).text()));
      if (byId('model').options.length === 0) {
        await loadModels();
      }
    } catch (e) {
      byId('state').textContent = `No figures: ${e.message}`;
    }
  }
  setTimeout(follow, EVERY_MS);
}

// ---------------------------------------------------------------------------------------------- start

const clips = ['clip-a', 'clip-b'].map((id) => new Clip(byId(id)));

byId('verify').addEventListener('submit', (event) => {
  event.preventDefault();
  compare(clips);
});

byId('pause').addEventListener('click', ({currentTarget: button}) => {
  const paused = button.getAttribute('aria-pressed') !== 'true';
  button.setAttribute('aria-pressed', paused);
});

matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
  clips.filter((clip) => clip.blob).forEach((clip) => clip.draw());
  drawQueue();
});

follow();
