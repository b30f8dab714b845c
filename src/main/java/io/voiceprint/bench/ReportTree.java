package io.voiceprint.bench;

import io.voiceprint.bench.JsonTree.Fields;
import io.voiceprint.bench.format.ResultsFile;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/** A report in the format that {@code bench/README.md} describes. */
final class ReportTree {
  private final BenchmarkReport report;

  ReportTree(BenchmarkReport report) {
    this.report = report;
  }

  Map<String, Object> tree() {
    BenchmarkReport.Origin origin = report.origin();
    return JsonTree.fields()
        .put("schema", ResultsFile.SCHEMA)
        .put("version", ResultsFile.VERSION)
        .put("time", origin.time().toString())
        .put("program", origin.program())
        .put("commit", Optional.of(origin.commit()).filter(commit -> !commit.isEmpty()))
        .put("command", origin.command())
        .put("machine", machine(report.machine()))
        .put("results", results())
        .put("openings", each(EngineRun::opening, ReportTree::opening))
        .put("ceilings", each(EngineRun::ceiling, ReportTree::ceiling))
        .put("memory", each(EngineRun::memory, ReportTree::memory))
        .put("profiles", profiles())
        .map();
  }

  private static Map<String, Object> machine(Machine machine) {
    return JsonTree.fields()
        .put("processor", machine.processor())
        .put("processors", machine.processors())
        .put("memory_mib", machine.memory())
        .put("system", machine.system())
        .put("runtime", machine.java())
        .put("heap_mib", machine.heap())
        .map();
  }

  /** Something that is known of an engine, or not. */
  private interface Part<T> {
    Optional<T> of(EngineRun run);
  }

  private interface Writer<T> {
    void write(Fields fields, T part);
  }

  private <T> List<Object> each(Part<T> part, Writer<T> writer) {
    List<Object> list = new ArrayList<>();
    for (EngineRun run : report.runs()) {
      part.of(run)
          .ifPresent(
              present -> {
                Fields fields = JsonTree.fields().put("engine", run.contestant().engine());
                writer.write(fields, present);
                list.add(fields.map());
              });
    }
    return list;
  }

  private static void opening(Fields fields, Opening opening) {
    fields.put("open_ms", opening.openMs()).put("first_call_ms", opening.firstCallMs());
  }

  private static void ceiling(Fields fields, Ceiling ceiling) {
    fields.put("gflop_per_second", ceiling.gflopPerSecond()).put("how", ceiling.how());
    ceiling
        .device()
        .ifPresent(
            device ->
                fields
                    .put("gb_per_second", device.bytesPerSecond() * 1e-9)
                    .put("memory_how", device.how())
                    .put("launch_ms", device.launchNanos() * 1e-6)
                    .put("graph_launch_ms", device.graphLaunchNanos() * 1e-6));
  }

  private static void memory(Fields fields, MemoryUse memory) {
    fields
        .put("peak_resident_mib", boxed(memory.peakResident()))
        .put("heap_used_mib", memory.heapUsed())
        .put("heap_committed_mib", memory.heapCommitted())
        .put("device_mib", boxed(memory.device()));
  }

  private static Optional<Double> boxed(OptionalDouble value) {
    return value.isPresent() ? Optional.of(value.getAsDouble()) : Optional.empty();
  }

  private List<Object> results() {
    List<Object> results = new ArrayList<>();
    for (EngineRun run : report.runs()) {
      for (Result result : run.results()) {
        results.add(new ResultTree(report.network(), run).of(result));
      }
      run.coldStart()
          .ifPresent(start -> results.add(new ResultTree(report.network(), run).of(start)));
    }
    return results;
  }

  private List<Object> profiles() {
    List<Object> profiles = new ArrayList<>();
    for (EngineRun run : report.runs()) {
      run.profile()
          .ifPresent(profile -> profiles.add(new ProfileTree(report.network(), run, profile).of()));
    }
    return profiles;
  }
}
