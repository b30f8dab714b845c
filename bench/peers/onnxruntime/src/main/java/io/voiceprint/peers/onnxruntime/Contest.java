package io.voiceprint.peers.onnxruntime;

import io.voiceprint.Device;
import io.voiceprint.EncoderOptions;
import io.voiceprint.SpeakerEncoder;
import io.voiceprint.audio.PcmAudio;
import io.voiceprint.engine.Engine;
import io.voiceprint.engine.Precision;
import io.voiceprint.engine.reference.ReferenceEngine;
import io.voiceprint.frontend.Features;
import io.voiceprint.graph.GraphCost;
import io.voiceprint.model.SpeakerModel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Voiceprint's CPU engine and ONNX Runtime on the same network, clips and number of threads, in
 * turns: one contestant at a time holds its threads, and every contestant has a turn in every
 * round, so that a slow minute of the machine strikes all of them.
 */
final class Contest {
  /** Plans are made and caches filled in the first call. */
  private static final double WARM_UP_SECONDS = 0.2;

  private static final String AGAINST =
      "voiceprint reference fp32; clips of a batch behind the first: voiceprint cpu fp32 alone";

  private final SpeakerModel model;
  private final Plan plan;
  private final Path folder;
  private final Consumer<String> progress;
  private final Map<Integer, List<Features>> clips = new LinkedHashMap<>();
  private final Map<Integer, List<float[]>> expected = new LinkedHashMap<>();
  private final Map<Integer, Map<Precision, float[]>> rounded = new LinkedHashMap<>();
  private final Map<String, Score> scores = new LinkedHashMap<>();

  /**
   * What is measured.
   *
   * @param onnx the network for ONNX Runtime
   * @param precisions of Voiceprint
   * @param batches what one call embeds
   * @param threads of each contestant
   * @param rounds in which each contestant has one turn
   * @param turnSeconds that each workload is timed for in a turn; one call at least
   */
  record Plan(
      Path onnx,
      List<Precision> precisions,
      List<Batch> batches,
      int threads,
      int rounds,
      double turnSeconds) {}

  /**
   * @param folder for the audio files
   * @param progress is told what is done next
   */
  Contest(SpeakerModel model, Plan plan, Path folder, Consumer<String> progress) {
    this.model = model;
    this.plan = plan;
    this.folder = folder;
    this.progress = progress;
  }

  /** All rounds; a result for each contestant and workload. */
  List<Result> run(Result.Model described) throws Exception {
    prepare();
    for (int round = 1; round <= plan.rounds(); round++) {
      progress.accept("round %d of %d: ONNX Runtime".formatted(round, plan.rounds()));
      try (Contestant peer =
          OnnxRuntime.open(plan.onnx(), plan.threads(), OnnxRuntime.Provider.CPU)) {
        turn(peer);
      }
      for (Precision precision : plan.precisions()) {
        progress.accept(
            "round %d of %d: %s".formatted(round, plan.rounds(), Voiceprint.name(precision)));
        try (Contestant ours = new Voiceprint(model, precision, plan.threads())) {
          turn(ours);
        }
        fromFiles(precision);
      }
    }
    List<Result> results = new ArrayList<>();
    for (Score score : scores.values()) {
      Workload workload = score.workload();
      long macs = GraphCost.macs(model.graph(), workload.frames());
      results.add(score.result(described, AGAINST, 2 * macs * workload.clips()));
    }
    return results;
  }

  /**
   * Features and expected embeddings. The reference engine is slow: it takes a clip of each length.
   */
  private void prepare() throws Exception {
    int rate = model.frontEnd().sampleRate();
    try (Engine reference =
            new ReferenceEngine(model.graph(), model.frontEnd(), Precision.FP32, plan.threads());
        Contestant ours = new Voiceprint(model, Precision.FP32, plan.threads())) {
      for (Map.Entry<Double, Integer> length : mostClipsByLength().entrySet()) {
        double seconds = length.getKey();
        progress.accept("reference embedding of a clip of %s s".formatted(seconds));
        List<PcmAudio> audio = WavClips.of(length.getValue(), seconds, rate);
        List<Features> features =
            audio.stream().map(clip -> reference.features(clip.samples())).toList();
        List<float[]> embeddings = new ArrayList<>();
        embeddings.addAll(reference.embedFeatures(features.subList(0, 1)));
        for (Features clip : features.subList(1, features.size())) {
          embeddings.addAll(ours.embed(List.of(clip)));
        }
        int frames = features.get(0).frames();
        clips.put(frames, features);
        expected.put(frames, embeddings);
        rounded.put(frames, rounded(features.get(0), embeddings.get(0)));
        WavClips.write(audio.get(0), file(frames));
      }
    }
  }

  /** A clip's embedding by the reference engine in each precision that is measured. */
  private Map<Precision, float[]> rounded(Features clip, float[] exact) {
    Map<Precision, float[]> embeddings = new EnumMap<>(Precision.class);
    embeddings.put(Precision.FP32, exact);
    for (Precision precision : plan.precisions()) {
      if (precision != Precision.FP32) {
        try (Engine reference =
            new ReferenceEngine(model.graph(), model.frontEnd(), precision, plan.threads())) {
          embeddings.put(precision, reference.embedFeatures(List.of(clip)).get(0));
        }
      }
    }
    return embeddings;
  }

  private Map<Double, Integer> mostClipsByLength() {
    Map<Double, Integer> most = new TreeMap<>();
    plan.batches().forEach(batch -> most.merge(batch.seconds(), batch.clips(), Math::max));
    return most;
  }

  private Path file(int frames) {
    return folder.resolve(frames + ".wav");
  }

  private void turn(Contestant contestant) throws Exception {
    for (Batch batch : plan.batches()) {
      int samples = (int) Math.round(batch.seconds() * model.frontEnd().sampleRate());
      Workload workload = new Workload(batch.clips(), model.frontEnd().frames(samples));
      List<Features> utterances = clips.get(workload.frames()).subList(0, batch.clips());
      Score score =
          score(Result.Engine.of(contestant, plan.threads()), Result.FEATURES, workload);
      List<List<float[]>> last = new ArrayList<>(List.of(List.of()));
      time(score, () -> last.set(0, contestant.embed(utterances)));
      score.check(
          last.get(0),
          expected.get(workload.frames()),
          rounded.get(workload.frames()).get(contestant.precision()));
    }
  }

  /** One clip, from a WAV file to its embedding. */
  private void fromFiles(Precision precision) throws Exception {
    EncoderOptions options =
        EncoderOptions.DEFAULTS
            .withDevice(Device.CPU)
            .withPrecision(precision)
            .withThreads(plan.threads());
    try (SpeakerEncoder encoder = SpeakerEncoder.open(model, options)) {
      for (int frames : clips.keySet()) {
        Result.Engine engine =
            new Result.Engine(
                Voiceprint.name(precision),
                encoder.device(),
                precision.name().toLowerCase(Locale.ROOT),
                plan.threads());
        Score score = score(engine, Result.FILE, new Workload(1, frames));
        List<float[]> last = new ArrayList<>(List.of(new float[0]));
        time(score, () -> last.set(0, encoder.embed(file(frames)).values()));
        score.check(last, expected.get(frames), rounded.get(frames).get(precision));
      }
    }
  }

  private Score score(
      Result.Engine engine, String boundary, Workload workload) {
    return scores.computeIfAbsent(
        engine.name() + boundary + workload,
        key -> new Score(engine, boundary, workload));
  }

  private void time(Score score, Times.Call call) throws Exception {
    Times.warmUp(call, WARM_UP_SECONDS);
    score.times().measure(call, plan.turnSeconds());
  }
}
