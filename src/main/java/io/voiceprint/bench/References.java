package io.voiceprint.bench;

import io.voiceprint.Device;
import io.voiceprint.EncoderOptions;
import io.voiceprint.SpeakerEncoder;
import io.voiceprint.audio.PcmAudio;
import io.voiceprint.diagnosis.Accuracy;
import io.voiceprint.diagnosis.RoundingError;
import io.voiceprint.engine.Precision;
import io.voiceprint.model.SpeakerModel;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * What the reference engine (plain Java) says of some clips of each workload, in float32 and in the
 * precisions that are measured, by which the bounds are set: of a clip where all have one length,
 * of the shortest and the longest where they differ. It is slow; what it is not asked about is
 * compared with what the measured engine gave alone.
 */
final class References {
  static final String ENGINE = "voiceprint reference fp32";

  /** By precision and by the samples, compared by content. */
  private final Map<Precision, Map<FloatBuffer, float[]>> embeddings =
      new EnumMap<>(Precision.class);

  private final RoundingError rounding;

  /**
   * @param precisions that are measured
   */
  References(
      SpeakerModel model,
      EncoderOptions options,
      Collection<Precision> precisions,
      List<Workload> workloads,
      Consumer<String> progress) {
    rounding = new RoundingError(model, options);
    Set<Precision> all = EnumSet.of(Precision.FP32);
    all.addAll(precisions);
    for (Precision precision : all) {
      EncoderOptions reference = options.withDevice(Device.REFERENCE).withPrecision(precision);
      try (SpeakerEncoder encoder = SpeakerEncoder.open(model, reference)) {
        embeddings.put(precision, embed(encoder, workloads, progress));
      }
    }
  }

  private static Map<FloatBuffer, float[]> embed(
      SpeakerEncoder encoder, List<Workload> workloads, Consumer<String> progress) {
    Map<FloatBuffer, float[]> embeddings = new LinkedHashMap<>();
    for (Workload workload : workloads) {
      for (PcmAudio clip : probes(workload)) {
        embeddings.computeIfAbsent(
            FloatBuffer.wrap(clip.samples()),
            samples -> {
              progress.accept(
                  "reference embedding of a clip of %.4g s, %s"
                      .formatted(clip.seconds(), encoder.precision()));
              return encoder.embed(clip).values();
            });
      }
    }
    return embeddings;
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
    List<Accuracy> all = new ArrayList<>();
    for (PcmAudio clip : probes(workload)) {
      float[] embedding = subject.prepare(List.of(clip)).get().get(0);
      all.add(accuracy(embedding, clip, subject.precision()));
    }
    return worst(all);
  }

  /** Compares one embedding of a clip. */
  Result.Check check(PcmAudio clip, float[] embedding, Precision precision) {
    return worst(List.of(accuracy(embedding, clip, precision)));
  }

  /** Compares embeddings that another program computed of a workload's only call. */
  Result.Check check(Workload workload, List<float[]> embeddings, Precision precision) {
    List<Accuracy> all = new ArrayList<>();
    List<PcmAudio> clips = workload.calls().get(0);
    for (PcmAudio clip : probes(workload)) {
      all.add(accuracy(embeddings.get(clips.indexOf(clip)), clip, precision));
    }
    return worst(all);
  }

  /** The clip that is nearest to its own bound, or furthest beyond it. */
  private static Result.Check worst(List<Accuracy> all) {
    // NaN counts as the largest.
    Accuracy worst =
        Collections.max(all, Comparator.comparingDouble(a -> a.relativeError() / a.bound()));
    return new Result.Check(ENGINE, worst.relativeError(), worst.bound());
  }

  private Accuracy accuracy(float[] embedding, PcmAudio clip, Precision precision) {
    FloatBuffer samples = FloatBuffer.wrap(clip.samples());
    Accuracy accuracy =
        Accuracy.of(
            embedding,
            embeddings.get(Precision.FP32).get(samples),
            embeddings.get(precision).get(samples));
    return rounding.judged(accuracy, clip, precision);
  }
}
