package io.voiceprint.cli;

import io.voiceprint.graph.Outline;
import io.voiceprint.graph.Outline.Stage;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** A network's stages from the features down to the embedding, one line each. */
final class DiagramText {
  private DiagramText() {}

  /** Names, content, shapes (C × F × T) and weights in columns, each line indented. */
  static String of(Outline outline) {
    List<Stage> stages = outline.stages();
    int names = width(stages.stream().map(Stage::name).toList());
    int contents = width(stages.stream().map(Stage::content).toList());
    int shapes = width(stages.stream().map(Stage::shapeText).toList());
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < stages.size(); i++) {
      Stage stage = stages.get(i);
      boolean straight = i == 0 || stage.sources().equals(List.of(i - 1));
      String weights =
          stage.weights() == 0 ? "" : String.format(Locale.ROOT, "%,d weights", stage.weights());
      String line =
          "  %s %s  %s  %s  %s%s"
              .formatted(
                  i == 0 ? "┌" : i == stages.size() - 1 ? "└" : "├",
                  pad(stage.name(), names),
                  pad(stage.content(), contents),
                  pad(stage.shapeText(), shapes),
                  weights,
                  straight ? "" : "  ← " + sources(stages, stage));
      text.append(line.stripTrailing()).append('\n');
    }
    return text.toString();
  }

  private static String sources(List<Stage> stages, Stage stage) {
    return stage.sources().stream()
        .map(source -> stages.get(source).name())
        .collect(Collectors.joining(", "));
  }

  private static int width(List<String> column) {
    return column.stream().mapToInt(String::length).max().orElse(0);
  }

  private static String pad(String text, int width) {
    return text + " ".repeat(width - text.length());
  }
}
