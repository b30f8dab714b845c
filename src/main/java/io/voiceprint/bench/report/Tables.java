package io.voiceprint.bench.report;

import io.voiceprint.bench.report.Results.Ceiling;
import io.voiceprint.bench.report.Results.ColdStart;
import io.voiceprint.bench.report.Results.Layer;
import io.voiceprint.bench.report.Results.Memory;
import io.voiceprint.bench.report.Results.Profile;
import io.voiceprint.bench.report.Results.Result;
import io.voiceprint.bench.report.Results.Workload;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** The figures behind the charts. */
final class Tables {
  private Tables() {}

  /** A boundary in words. */
  static String boundary(String boundary) {
    return switch (boundary) {
      case "features" -> "from features";
      case "pcm" -> "from samples";
      case "file" -> "from an audio file";
      default -> "from " + boundary;
    };
  }

  static String refusals(List<Result> refused) {
    Table table = new Table("workload", "engine", "why");
    for (Result result : refused) {
      table.row(result.workload().name(), result.engine(), result.refused());
    }
    return table.toString();
  }

  static String results(SeriesList list) {
    Table table =
        new Table(
            "workload",
            "engine",
            "calls",
            "unsent",
            "p50 ms",
            "p90 ms",
            "p99 ms",
            "min ms",
            "max ms",
            "audio s/s",
            "GFLOP/s",
            "of ceiling",
            "error");
    table.numbersFrom(2);
    for (Workload workload : list.workloads()) {
      for (Series series : list.series()) {
        for (Result result : series.results()) {
          if (result.workload().isSameAs(workload)) {
            row(table, series.label(), result);
          }
        }
      }
    }
    return table.toString();
  }

  private static void row(Table table, String label, Result result) {
    table.row(
        result.workload().name(),
        label,
        String.valueOf((long) result.calls()),
        Figures.of(result.unsent()),
        Figures.of(result.latency().p50()),
        Figures.of(result.latency().p90()),
        Figures.of(result.latency().p99()),
        Figures.of(result.latency().min()),
        Figures.of(result.latency().max()),
        Figures.of(result.audioSecondsPerSecond()),
        Figures.of(result.gflopPerSecond()),
        Figures.percent(result.shareOfCeiling()),
        Figures.of(result.relativeError()));
  }

  /** Ours to each of the others, where both did the same; empty if nothing can be compared. */
  static String ratios(SeriesList list) {
    List<Series> ours = list.series().stream().filter(s -> Series.isOurs(s.label())).toList();
    Markup tables = new Markup();
    for (Series peer : list.series()) {
      if (!Series.isOurs(peer.label()) && !ours.isEmpty()) {
        tables.add(ratios(list.workloads(), ours, peer));
      }
    }
    return tables.toString();
  }

  private static String ratios(List<Workload> workloads, List<Series> ours, Series peer) {
    List<String> heads = new ArrayList<>(List.of("workload", peer.label() + ", ms"));
    for (Series each : ours) {
      heads.add(each.label() + ", ms");
      heads.add("ratio");
    }
    Table table = new Table(heads.toArray(String[]::new));
    table.numbersFrom(1);
    for (Workload workload : workloads) {
      double theirs = median(peer, workload);
      if (theirs > 0) {
        List<String> cells = new ArrayList<>(List.of(workload.name(), Figures.of(theirs)));
        for (Series each : ours) {
          double median = median(each, workload);
          cells.add(median > 0 ? Figures.of(median) : "");
          cells.add(median > 0 ? Table.ratio(median / theirs) : "");
        }
        table.row(cells.toArray(String[]::new));
      }
    }
    return table.isEmpty() ? "" : table.toString();
  }

  private static double median(Series series, Workload workload) {
    for (Result result : series.results()) {
      if (result.workload().isSameAs(workload)) {
        return result.latency().p50();
      }
    }
    return 0;
  }

  static String coldStarts(List<Result> starts) {
    Table table =
        new Table(
            "engine",
            "processes",
            "first embedding after ms",
            "of it runtime",
            "weights",
            "engine",
            "first call");
    table.numbersFrom(1);
    for (Result result : starts) {
      table.row(
          result.engine(),
          String.valueOf(result.coldStarts().size()),
          median(result, ColdStart::processMs),
          median(result, ColdStart::runtimeMs),
          median(result, ColdStart::loadMs),
          median(result, ColdStart::openMs),
          median(result, ColdStart::firstCallMs));
    }
    return table.toString();
  }

  private static String median(Result result, ToDoubleFunction<ColdStart> part) {
    double[] sorted = result.coldStarts().stream().mapToDouble(part).sorted().toArray();
    return Figures.of(sorted[(sorted.length - 1) / 2]);
  }

  static String memory(List<Memory> memory) {
    Table table = new Table("engine", "peak resident MiB", "Java heap used MiB", "device MiB");
    table.numbersFrom(1);
    for (Memory each : memory) {
      table.row(
          each.engine(),
          Figures.of(each.peakResident()),
          Figures.of(each.heapUsed()),
          Figures.of(each.device()));
    }
    return table.toString();
  }

  static String ceilings(List<Ceiling> ceilings) {
    Table table =
        new Table(
            "engine",
            "by",
            "memory by",
            "GFLOP/s",
            "GB/s",
            "launch between events, ms",
            "launch in a CUDA graph, ms");
    table.numbersFrom(3);
    for (Ceiling each : ceilings) {
      table.row(
          each.engine(),
          each.how(),
          each.memoryHow(),
          Figures.of(each.gflopPerSecond()),
          Figures.of(each.gbPerSecond()),
          Figures.of(each.launchMs()),
          Figures.of(each.graphLaunchMs()));
    }
    return table.toString();
  }

  static String layers(Profile profile) {
    Table table =
        new Table(
            "layer",
            "kind",
            "output",
            "nearest",
            "ms",
            "share",
            "MFLOP",
            "MB",
            "launches",
            "GFLOP/s",
            "of ceiling",
            "GB/s",
            "of memory",
            "of launches");
    table.numbersFrom(4);
    for (Layer layer : profile.layers()) {
      double share = profile.totalMs() > 0 ? layer.ms() / profile.totalMs() : 0;
      table.row(
          layer.name(),
          layer.kind(),
          layer.shape(),
          layer.limit(),
          Figures.of(layer.ms()),
          Figures.percent(share),
          Figures.of(layer.flop() * 1e-6),
          Figures.of(layer.bytes() * 1e-6),
          Figures.plain(layer.launches()),
          Figures.of(layer.gflopPerSecond()),
          Figures.percent(layer.shareOfCeiling()),
          Figures.of(layer.gbPerSecond()),
          Figures.percent(layer.shareOfMemoryCeiling()),
          Figures.percent(layer.shareOfLaunches()));
    }
    Markup folded = new Markup().open("details").element("summary", "all layers");
    return folded.add(table.toString()).close("details").toString();
  }
}
