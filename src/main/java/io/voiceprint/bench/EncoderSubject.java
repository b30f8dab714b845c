package io.voiceprint.bench;

import io.voiceprint.EncoderOptions;
import io.voiceprint.SpeakerEncoder;
import io.voiceprint.audio.PcmAudio;
import io.voiceprint.engine.DeviceMemory;
import io.voiceprint.engine.Precision;
import io.voiceprint.model.SpeakerModel;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Supplier;

/** The public API: from samples to embeddings, through queue, batcher and front end. */
final class EncoderSubject implements Subject {
  private final SpeakerEncoder encoder;

  EncoderSubject(SpeakerModel model, EncoderOptions options) {
    this.encoder = SpeakerEncoder.open(model, options);
  }

  @Override
  public String engineName() {
    return encoder.engineName();
  }

  @Override
  public String device() {
    return encoder.device();
  }

  @Override
  public Precision precision() {
    return encoder.precision();
  }

  @Override
  public OptionalLong deviceBytes() {
    List<DeviceMemory> memory = encoder.deviceMemory();
    return memory.isEmpty()
        ? OptionalLong.empty()
        : OptionalLong.of(memory.stream().mapToLong(DeviceMemory::usedBytes).sum());
  }

  @Override
  public Supplier<List<float[]>> prepare(List<PcmAudio> clips) {
    if (clips.size() == 1) {
      PcmAudio clip = clips.get(0);
      return () -> List.of(encoder.embed(clip).values());
    }
    return () ->
        encoder.embedAll(clips).stream().map(result -> result.orElseThrow().values()).toList();
  }

  @Override
  public void close() {
    encoder.close();
  }
}
