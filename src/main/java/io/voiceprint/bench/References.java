package io.voiceprint.bench;

import io.voiceprint.Device;
import io.voiceprint.EncoderOptions;
import io.voiceprint.SpeakerEncoder;
import io.voiceprint.audio.PcmAudio;
import io.voiceprint.diagnosis.Accuracy;
import io.voiceprint.engine.Precision;
import io.voiceprint.model.SpeakerModel;
import java.nio.FloatBuffer;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * What the reference engine (plain Java, float32) says of some clips of each workload: of a clip
 * where all have one length, of the shortest and the longest where they differ. It is slow; what it
 * is not asked about is compared with what the measured engine gave alone.
 */
final class References {
  static final String ENGINE = "voiceprint reference fp32";

  /** By the samples, compared by content. */
  private final Map<FloatBuffer, float[]> embeddings = new LinkedHashMap<>();

  References(
      SpeakerModel model,
      EncoderOptions options,
      List<Workload> workloads,
      Consumer<String> progress) {
    EncoderOptions reference = options.withDevice(Device.REFERENCE).withPrecision(Precision.FP32);
    try (SpeakerEncoder encoder = SpeakerEncoder.open(model, reference)) {
      for (Workload workload : workloads) {
        for (PcmAudio clip : probes(workload)) {
          embeddings.computeIfAbsent(
              FloatBuffer.wrap(clip.samples()),
              samples -> {
                progress.accept(
                    "reference embedding of a clip of %.4g s".formatted(clip.seconds()));
                return encoder.embed(clip).values();
              });
        }
      }
    }
  }

  /** The clips of a workload that are compared. */
  private static Set<PcmAudio> probes(Workload workload) {
    List<PcmAudio> clips = workload.calls().stream().flatMap(List::stream).toList();
    if (workload.lengths().isEmpty()) {
      return Set.of(clips.get(0));
    }
    Comparator<PcmAudio> bySeconds = Comparator.comparingDouble(PcmAudio::seconds);
    Set<PcmAudio> probes = new LinkedHashSet<>();
    probes.add(clips.stream().min(bySeconds).orElseThrow());
    probes.add(clips.stream().max(bySeconds).orElseThrow());
    return probes;
  }

  /** Compares a measured engine, a clip at a time; the worst of the workload's clips. */
  Result.Check check(Workload workload, Subject subject) {
    double worst = 0;
    double bound = 0;
    for (PcmAudio clip : probes(workload)) {
      float[] embedding = subject.prepare(List.of(clip)).get().get(0);
      Accuracy accuracy = accuracy(embedding, clip, subject.precision());
      worst = Math.max(worst, accuracy.relativeError()); // NaN stays.
      bound = accuracy.bound();
    }
    return new Result.Check(ENGINE, worst, bound);
  }

  /** Compares one embedding of a clip. */
  Result.Check check(PcmAudio clip, float[] embedding, Precision precision) {
    Accuracy accuracy = accuracy(embedding, clip, precision);
    return new Result.Check(ENGINE, accuracy.relativeError(), accuracy.bound());
  }

  /** Compares embeddings that another program computed of a workload's only call. */
  Result.Check check(Workload workload, List<float[]> embeddings, Precision precision) {
    double worst = 0;
    double bound = 0;
    List<PcmAudio> clips = workload.calls().get(0);
    for (PcmAudio clip : probes(workload)) {
      Accuracy accuracy = accuracy(embeddings.get(clips.indexOf(clip)), clip, precision);
      worst = Math.max(worst, accuracy.relativeError()); // NaN stays.
      bound = accuracy.bound();
    }
    return new Result.Check(ENGINE, worst, bound);
  }

  private Accuracy accuracy(float[] embedding, PcmAudio clip, Precision precision) {
    float[] reference = embeddings.get(FloatBuffer.wrap(clip.samples()));
    return Accuracy.of(embedding, reference, precision);
  }
}
