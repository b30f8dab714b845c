'use strict';

const byId = (id) => document.getElementById(id);

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
