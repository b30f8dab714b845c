package io.voiceprint.bench;

import io.voiceprint.bench.JsonTree.Fields;
import io.voiceprint.model.SpeakerModel;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Results of one engine in the format that {@code bench/README.md} describes. */
final class ResultTree {
  private final MeasuredNetwork network;
  private final EngineRun run;

  ResultTree(MeasuredNetwork network, EngineRun run) {
    this.network = network;
    this.run = run;
  }

  Map<String, Object> of(Result result) {
    Fields fields =
        common(result.boundary())
            .put("workload", workload(result))
            .put("check", result.check().map(ResultTree::check));
    if (run.isRefused()) {
      return fields.put("refused", run.refused()).map();
    }
    Timing timing = result.timing().orElseThrow();
    boolean open = result.workload().load().isOpen();
    return fields
        .put("calls", timing.latencies().calls())
        .put("elapsed_seconds", result.seconds())
        .put("unsent", timing.unsent() > 0 ? Optional.of(timing.unsent()) : Optional.empty())
        .put("latency_ms", percentiles(timing.latencies().percentiles()))
        .put(
            "uncorrected_ms",
            open ? Optional.of(percentiles(timing.uncorrected().percentiles())) : Optional.empty())
        .put(
            "histogram",
            JsonTree.fields()
                .put("encoding", "hdr")
                .put("unit", "ns")
                .put("data", timing.latencies().encoded())
                .map())
        .put("clips_per_second", result.clipsPerSecond())
        .put("audio_seconds_per_second", result.audioSecondsPerSecond())
        .put("flop", Math.round(result.flop()))
        .put("gflop_per_second", result.gflopPerSecond())
        .put(
            "share_of_ceiling",
            run.ceiling().map(top -> result.gflopPerSecond() / top.gflopPerSecond()))
        .map();
  }

  Map<String, Object> of(ColdStart start) {
    List<Map<String, Object>> samples = start.samples().stream().map(ResultTree::sample).toList();
    Fields workload =
        JsonTree.fields()
            .put("name", "cold start, 1 x %s s".formatted(Clips.number(start.seconds())))
            .put("kind", Workload.Kind.COLD_START)
            .put("clips", 1)
            .put("seconds", start.seconds())
            .put("frames", start.frames())
            .put("audio_seconds", start.seconds())
            .put("concurrency", 1);
    return common(Boundary.PCM)
        .put("workload", workload.map())
        .put("check", check(start.check()))
        .put("calls", samples.size())
        .put("cold_start", samples)
        .map();
  }

  private Fields common(Boundary boundary) {
    SpeakerModel model = network.model();
    return JsonTree.fields()
        .put("engine", run.contestant().engine())
        .put("device", run.contestant().device())
        .put("precision", run.contestant().precision())
        .put("threads", run.contestant().threads())
        .put(
            "model",
            JsonTree.fields()
                .put("name", network.name())
                .put("architecture", model.architecture())
                .put("parameters", model.parameters())
                .map())
        .put("boundary", boundary)
        .put("samples", Optional.of(Clips.SAMPLES).filter(format -> boundary == Boundary.PCM));
  }

  private static Map<String, Object> workload(Result result) {
    Workload workload = result.workload();
    Load load = workload.load();
    Fields fields =
        JsonTree.fields()
            .put("name", workload.name())
            .put("kind", workload.kind())
            .put("clips", workload.batch());
    workload
        .lengths()
        .ifPresentOrElse(
            lengths ->
                fields
                    .put("shortest_seconds", lengths.shortest())
                    .put("longest_seconds", lengths.longest())
                    .put("distribution", lengths.description()),
            () -> fields.put("seconds", workload.calls().get(0).get(0).seconds()));
    fields
        .put("frames", result.frames())
        .put("audio_seconds", workload.seconds())
        .put("concurrency", load.concurrency());
    if (load.isOpen()) {
      fields.put("rate", load.rate()).put("arrivals", load.arrivals().description());
    }
    return fields.map();
  }

  private static Map<String, Object> check(Result.Check check) {
    return JsonTree.fields()
        .put("against", check.against())
        .put("relative_error", check.relativeError())
        .put("bound", check.bound())
        .map();
  }

  private static Map<String, Object> percentiles(Percentiles latency) {
    return JsonTree.fields()
        .put("mean", latency.mean())
        .put("min", latency.min())
        .put("p50", latency.p50())
        .put("p90", latency.p90())
        .put("p99", latency.p99())
        .put("p99_9", latency.p999())
        .put("max", latency.max())
        .map();
  }

  private static Map<String, Object> sample(ColdStart.Sample sample) {
    return JsonTree.fields()
        .put("process_ms", sample.process())
        .put("runtime_ms", sample.runtime())
        .put("load_ms", sample.load())
        .put("open_ms", sample.open())
        .put("first_call_ms", sample.firstCall())
        .put("second_call_ms", sample.secondCall())
        .put("peak_resident_mib", sample.peakResident())
        .map();
  }
}
