'use strict';

// A clip: chosen or recorded, decoded, shown.

const RECORDING_MS = 30000;

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
