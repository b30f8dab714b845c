'use strict';

// What the server does, from /metrics.

const EVERY_MS = 2000;
const HISTORY = 60;

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

/** About how long a share of a histogram took, as Prometheus estimates it: evenly spread within a bucket. */
function quantile(counts, share) {
  const all = counts.reduce((sum, [, count]) => sum + count, 0);
  let missing = share * all;
  let low = 0;
  for (const [bound, count] of all > 0 ? counts : []) {
    if (missing <= count) {
      return bound === Infinity ? `> ${duration(low)}` : `≈ ${duration(low + (bound - low) * missing / count)}`;
    }
    missing -= count;
    low = bound;
  }
  return '–';
}

/** Two digits: more would not be true. */
const duration = (time) => time < 1 ? `${Number((1000 * time).toPrecision(2))} ms` : `${Number(time.toPrecision(2))} s`;

const INFERENCE = /^\/v1\/(embeddings|verify)$|\/infer$|ModelInfer/;
const history = [];
let listed = '';

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

/** Their names: models come and go while the server runs. */
const readyModels = (samples) => samples
  .filter(({name, value}) => name === 'voiceprint_model_ready' && value === 1)
  .map(({labels}) => labels.model).join();

async function follow() {
  const paused = byId('pause').getAttribute('aria-pressed') === 'true';
  if (!paused && !document.hidden) {
    try {
      const samples = parseMetrics(await (await ask('metrics')).text());
      showFigures(samples);
      const ready = readyModels(samples);
      if (ready !== listed) {
        await loadModels();
        listed = ready;
      }
    } catch (e) {
      byId('state').textContent = `No figures: ${e.message}`;
    }
  }
  setTimeout(follow, EVERY_MS);
}
