package io.voiceprint.bench;

import io.voiceprint.Device;
import io.voiceprint.Embedding;
import io.voiceprint.EmbeddingResult;
import io.voiceprint.EncoderOptions;
import io.voiceprint.SpeakerEncoder;
import io.voiceprint.audio.PcmAudio;
import io.voiceprint.diagnosis.Accuracy;
import io.voiceprint.engine.Precision;
import io.voiceprint.model.SpeakerModel;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Measures one network on one device. Before anything is timed, a clip of each length is compared
 * with the reference engine, and after a workload was timed its last result with what was checked;
 * numbers that are wrong are never given a speed.
 */
public final class Benchmark {
  private final SpeakerModel model;
  private final BenchmarkPlan plan;
  private final int sampleRate;
  private final Consumer<String> progress;
  private final Function<EncoderOptions, SpeakerEncoder> opener;

  /** Embeddings by the reference engine in float32, by the clip's length in seconds. */
  /** By precision and by the clip's length in seconds. */
  private final Map<Precision, Map<Double, Embedding>> references = new EnumMap<>(Precision.class);

  /**
   * @param progress is told what is done next, one line each
   */
  public Benchmark(SpeakerModel model, BenchmarkPlan plan, Consumer<String> progress) {
    this(model, plan, progress, options -> SpeakerEncoder.open(model, options));
  }

  /**
   * @param opener opens what is measured
   */
  Benchmark(
      SpeakerModel model,
      BenchmarkPlan plan,
      Consumer<String> progress,
      Function<EncoderOptions, SpeakerEncoder> opener) {
    this.model = model;
    this.opener = opener;
    this.plan = plan;
    this.sampleRate = model.frontEnd().sampleRate();
    this.progress = progress;
  }

  /**
   * Measures every workload in every precision.
   *
   * @throws io.voiceprint.UnusableDeviceException if the device is missing, lacks a precision, or
   *     fails
   */
  public List<BenchmarkRun> run() {
    references.put(Precision.FP32, embedReferences(Precision.FP32));
    List<BenchmarkRun> runs = new ArrayList<>();
    for (Precision precision : plan.precisions()) {
      references.computeIfAbsent(precision, this::embedReferences);
      EncoderOptions options = plan.options().withPrecision(precision);
      try (SpeakerEncoder encoder = opener.apply(options)) {
        runs.add(run(encoder));
      }
    }
    return runs;
  }

  private Map<Double, Embedding> embedReferences(Precision precision) {
    Map<Double, Embedding> embeddings = new LinkedHashMap<>();
    EncoderOptions options = plan.options().withDevice(Device.REFERENCE).withPrecision(precision);
    try (SpeakerEncoder reference = SpeakerEncoder.open(model, options)) {
      for (double seconds : plan.seconds()) {
        progress.accept("reference embedding of a clip of %s s, %s".formatted(seconds, precision));
        embeddings.put(seconds, reference.embed(clip(seconds)));
      }
    }
    return embeddings;
  }

  private PcmAudio clip(double seconds) {
    return Workload.of(1, seconds, sampleRate).clips().get(0);
  }

  private BenchmarkRun run(SpeakerEncoder encoder) {
    Map<Double, Accuracy> checks = new LinkedHashMap<>();
    Map<Double, Embedding> rounded = references.get(encoder.precision());
    references
        .get(Precision.FP32)
        .forEach(
            (seconds, reference) ->
                checks.put(
                    seconds,
                    Accuracy.of(encoder.embed(clip(seconds)), reference, rounded.get(seconds))));
    List<Measurement> measurements = new ArrayList<>();
    String refused = "";
    if (checks.values().stream().allMatch(Accuracy::passes)) {
      try {
        for (Workload workload : workloads()) {
          progress.accept("%s, %s".formatted(encoder.precision(), workload.name()));
          measurements.add(measure(encoder, workload));
        }
      } catch (WrongResultException e) {
        refused = e.getMessage();
        measurements.clear();
      }
    } else {
      refused = "the embeddings differ from the reference engine's by more than the bound";
    }
    return new BenchmarkRun(encoder.precision(), encoder.device(), checks, measurements, refused);
  }

  private List<Workload> workloads() {
    List<Workload> workloads = new ArrayList<>();
    for (double seconds : plan.seconds()) {
      for (int batch : plan.batches()) {
        workloads.add(Workload.of(batch, seconds, sampleRate));
      }
    }
    if (plan.mixed()) {
      workloads.add(Workload.mixed(sampleRate));
    }
    return workloads;
  }

  private Measurement measure(SpeakerEncoder encoder, Workload workload) {
    List<Embedding> alone = workload.clips().stream().map(encoder::embed).toList();
    List<List<EmbeddingResult>> last = new ArrayList<>(1);
    last.add(List.of());
    Runnable call =
        workload.batch() == 1
            ? () -> last.set(0, List.of(single(encoder, workload)))
            : () -> last.set(0, encoder.embedAll(workload.clips()));
    ClosedLoop.Times times =
        ClosedLoop.measure(call, plan.warmUp().toNanos(), plan.duration().toNanos());
    for (int i = 0; i < alone.size(); i++) {
      Accuracy accuracy = Accuracy.of(last.get(0).get(i).orElseThrow(), alone.get(i), alone.get(i));
      if (!accuracy.passes()) {
        throw new WrongResultException(
            "%s: clip %d differs from its embedding alone by %.1e, more than %.1e"
                .formatted(workload.name(), i, accuracy.relativeError(), accuracy.bound()));
      }
    }
    return Measurement.of(workload, times);
  }

  private static EmbeddingResult single(SpeakerEncoder encoder, Workload workload) {
    return new EmbeddingResult.Success(encoder.embed(workload.clips().get(0)));
  }

  /** Timed calls gave other numbers than the checked ones. */
  private static final class WrongResultException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    WrongResultException(String message) {
      super(message);
    }
  }
}
