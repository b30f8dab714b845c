package io.voiceprint.engine.cuda;

import io.voiceprint.audio.PcmAudio;
import io.voiceprint.audio.Resampler;
import java.util.List;

/** Audio as rows take it: how long it is there, and at which rate it may be uploaded. */
record AudioInput(Network network, RowLimits limits) {

  /** Frames of an utterance once it has the front end's rate. */
  int frames(PcmAudio audio) {
    return network.frontEnd().frames(audio.samplesAt(network.frontEnd().sampleRate()));
  }

  PcmAudio atFrontEndRate(float[] samples) {
    return new PcmAudio(samples, network.frontEnd().sampleRate());
  }

  /** Silence at the front end's rate, as floats and as 16-bit integers: their rows differ. */
  List<PcmAudio> silences(int frames) {
    int length = Math.toIntExact(network.frontEnd().samplesFor(frames));
    return List.of(
        atFrontEndRate(new float[length]),
        new PcmAudio(new short[length], network.frontEnd().sampleRate()));
  }

  /** Whether rows resample such audio on the device. */
  boolean resamples(int sampleRate) {
    return network.input().rates().has(sampleRate);
  }

  /** A row beyond the buckets has no room for samples at other rates: it is resampled here. */
  PcmAudio uploadable(PcmAudio audio) {
    int rate = network.frontEnd().sampleRate();
    int columns = network.geometry().footprint(frames(audio));
    if (audio.sampleRate() == rate
        || (resamples(audio.sampleRate()) && columns <= limits.buckets().largest())) {
      return audio;
    }
    return Resampler.of(audio.sampleRate(), rate).resample(audio);
  }
}
