package io.voiceprint.bench.report;

import io.voiceprint.bench.report.ModelSection.Part;
import io.voiceprint.bench.report.Results.Result;
import io.voiceprint.bench.report.Results.Workload;
import java.util.Comparator;
import java.util.List;

/** How cost grows with the length of a clip and with the number of clips. */
final class Scaling {
  private static final String REMARK = "If cost is linear, the points lie on the line.";

  private Scaling() {}

  /**
   * Adds what can be shown.
   *
   * @param single one clip in a call
   * @param lengths any number of clips of one length
   */
  static void parts(
      String prefix, String from, SeriesList single, SeriesList lengths, List<Part> parts) {
    List<Series> byLength = enough(single.only(r -> r.workload().concurrency() == 1));
    if (!byLength.isEmpty()) {
      String title = "Cost by length, " + from;
      ScalingChart chart =
          new ScalingChart("seconds of one clip", "s", r -> r.workload().seconds());
      parts.add(new Part(title, REMARK, chart.draw(prefix + "length", title, byLength), ""));
    }
    List<Workload> most =
        lengths.byLength().stream().max(Comparator.comparing(List::size)).orElse(List.of());
    if (!most.isEmpty()) {
      int frames = most.get(0).frames();
      List<Series> byClips = enough(lengths.only(r -> r.workload().frames() == frames));
      if (!byClips.isEmpty()) {
        String seconds = Figures.plain(most.get(0).seconds());
        String title = "Cost by clips of %s s in a call, %s".formatted(seconds, from);
        ScalingChart chart =
            new ScalingChart(
                "clips of %s s in a call".formatted(seconds), "clip", r -> r.workload().clips());
        parts.add(new Part(title, REMARK, chart.draw(prefix + "clips", title, byClips), ""));
      }
    }
  }

  private static List<Series> enough(SeriesList list) {
    return list.series().stream()
        .filter(series -> count(series.results()) >= ScalingChart.FEWEST_POINTS)
        .toList();
  }

  private static long count(List<Result> results) {
    return results.stream()
        .map(result -> result.workload().frames() + "x" + result.workload().clips())
        .distinct()
        .count();
  }
}
