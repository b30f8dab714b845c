package io.voiceprint.bench.report;

import io.voiceprint.bench.format.Fields;
import io.voiceprint.bench.format.MalformedResultsException;
import io.voiceprint.bench.format.ResultsFile;
import io.voiceprint.bench.report.Results.Ceiling;
import io.voiceprint.bench.report.Results.ColdStart;
import io.voiceprint.bench.report.Results.Latency;
import io.voiceprint.bench.report.Results.Layer;
import io.voiceprint.bench.report.Results.LeastTimes;
import io.voiceprint.bench.report.Results.Machine;
import io.voiceprint.bench.report.Results.Memory;
import io.voiceprint.bench.report.Results.Profile;
import io.voiceprint.bench.report.Results.Result;
import io.voiceprint.bench.report.Results.Workload;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/** Reads files of results and checks them field by field. */
final class ResultsReader {
  private static final int MAX_RESULTS = 2000;
  private static final int MAX_LAYERS = 5000;
  private static final double MAX_COUNT = 1e9;

  private ResultsReader() {}

  /**
   * Reads one file.
   *
   * @throws MalformedResultsException if it is no file of results; the message names the field
   */
  static Results read(Path file) throws IOException {
    Fields document = ResultsFile.read(file, file.toString(), ResultsFile.Extent.FIGURES);
    return new Results(
        file,
        document.text("time"),
        document.text("program"),
        document.optionalText("commit").orElse(""),
        document.optionalText("command").orElse(""),
        machine(document.object("machine")),
        all(document, "results", MAX_RESULTS, ResultsReader::result),
        all(document, "memory", MAX_RESULTS, ResultsReader::memory),
        all(document, "ceilings", MAX_RESULTS, ResultsReader::ceiling),
        all(document, "profiles", MAX_RESULTS, ResultsReader::profile));
  }

  /** Reads one object. */
  private interface Reading<T> {
    T read(Fields fields) throws MalformedResultsException;
  }

  private static <T> List<T> all(Fields fields, String name, int most, Reading<T> reading)
      throws MalformedResultsException {
    List<Fields> objects = fields.objects(name);
    if (objects.size() > most) {
      throw fields.failure(
          name, "has %d elements, at most %d are read".formatted(objects.size(), most));
    }
    List<T> read = new ArrayList<>();
    for (Fields object : objects) {
      read.add(reading.read(object));
    }
    return read;
  }

  private static Machine machine(Fields machine) throws MalformedResultsException {
    return new Machine(
        machine.optionalText("processor").orElse(""),
        machine.optionalNumber("processors"),
        machine.optionalNumber("memory_mib"),
        machine.optionalText("system").orElse(""),
        machine.optionalText("runtime").orElse(""),
        machine.optionalText("gpu").orElse(""),
        machine.optionalText("driver").orElse(""));
  }

  private static Result result(Fields result) throws MalformedResultsException {
    Fields model = result.object("model");
    String refused = result.optionalText("refused").orElse("");
    boolean timed = refused.isEmpty() && result.has("latency_ms");
    List<ColdStart> coldStarts = all(result, "cold_start", MAX_RESULTS, ResultsReader::coldStart);
    if (refused.isEmpty() && !timed && coldStarts.isEmpty()) {
      throw result.failure("latency_ms", "is missing, and so are refused and cold_start");
    }
    Fields check = result.has("check") ? result.object("check") : null;
    return new Result(
        result.text("engine"),
        result.optionalText("device").orElse(""),
        model.text("name"),
        model.optionalText("architecture").orElse(""),
        result.text("boundary"),
        workload(result.object("workload")),
        check == null ? OptionalDouble.empty() : check.optionalNumber("relative_error"),
        check == null ? OptionalDouble.empty() : check.optionalNumber("bound"),
        refused,
        timed ? result.number("calls") : 0,
        result.optionalNumber("unsent"),
        timed ? latency(result.object("latency_ms")) : null,
        result.optionalNumber("clips_per_second"),
        result.optionalNumber("audio_seconds_per_second"),
        result.optionalNumber("gflop_per_second"),
        result.optionalNumber("share_of_ceiling"),
        coldStarts);
  }

  private static Workload workload(Fields workload) throws MalformedResultsException {
    return new Workload(
        workload.text("name"),
        workload.text("kind"),
        count(workload, "clips"),
        workload.optionalNumber("seconds").orElse(0),
        workload.has("frames") ? count(workload, "frames") : 0,
        workload.number("audio_seconds"),
        workload.has("concurrency") ? count(workload, "concurrency") : 1,
        workload.optionalNumber("rate").orElse(0));
  }

  private static Latency latency(Fields latency) throws MalformedResultsException {
    return new Latency(
        latency.number("min"),
        latency.number("p50"),
        latency.number("p90"),
        latency.number("p99"),
        latency.number("max"));
  }

  private static ColdStart coldStart(Fields start) throws MalformedResultsException {
    return new ColdStart(
        start.number("process_ms"),
        start.number("runtime_ms"),
        start.optionalNumber("load_ms").orElse(0),
        start.number("open_ms"),
        start.number("first_call_ms"));
  }

  private static Memory memory(Fields memory) throws MalformedResultsException {
    return new Memory(
        memory.text("engine"),
        memory.optionalNumber("peak_resident_mib"),
        memory.optionalNumber("heap_used_mib"),
        memory.optionalNumber("device_mib"));
  }

  private static Ceiling ceiling(Fields ceiling) throws MalformedResultsException {
    return new Ceiling(
        ceiling.text("engine"),
        ceiling.optionalNumber("gflop_per_second"),
        ceiling.optionalText("how").orElse(""),
        ceiling.optionalNumber("gb_per_second"),
        ceiling.optionalText("memory_how").orElse(""),
        ceiling.optionalNumber("launch_ms"),
        ceiling.optionalNumber("graph_launch_ms"));
  }

  private static LeastTimes least(Fields least) throws MalformedResultsException {
    return new LeastTimes(
        least.number("arithmetic"), least.number("memory"), least.number("launches"));
  }

  private static Profile profile(Fields profile) throws MalformedResultsException {
    return new Profile(
        profile.text("engine"),
        profile.text("model"),
        count(profile, "frames"),
        count(profile, "passes"),
        profile.number("total_ms"),
        profile.optionalNumber("pass_ms"),
        profile.optionalNumber("launches"),
        profile.has("least_ms") ? Optional.of(least(profile.object("least_ms"))) : Optional.empty(),
        all(profile, "layers", MAX_LAYERS, ResultsReader::layer));
  }

  private static Layer layer(Fields layer) throws MalformedResultsException {
    return new Layer(
        layer.text("name"),
        layer.text("kind"),
        layer.optionalText("shape").orElse(""),
        layer.number("ms"),
        layer.optionalNumber("flop").orElse(0),
        layer.optionalNumber("bytes").orElse(0),
        layer.optionalNumber("gflop_per_second"),
        layer.optionalNumber("share_of_ceiling"),
        layer.optionalNumber("launches"),
        layer.optionalNumber("gb_per_second"),
        layer.optionalNumber("share_of_memory_ceiling"),
        layer.optionalNumber("share_of_launches"),
        layer.optionalText("limit").orElse(""));
  }

  private static int count(Fields fields, String name) throws MalformedResultsException {
    double value = fields.number(name);
    if (value != Math.rint(value) || value < 1 || value > MAX_COUNT) {
      throw fields.failure(name, "is " + value + ", not a whole number from 1 on");
    }
    return (int) value;
  }
}
