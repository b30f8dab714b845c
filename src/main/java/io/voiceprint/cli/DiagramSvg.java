package io.voiceprint.cli;

import io.voiceprint.graph.Outline;
import io.voiceprint.graph.Outline.Stage;
import io.voiceprint.graph.Shape;
import java.util.List;
import java.util.Locale;

/**
 * A network's stages as a drawing: a box each, from the features at the top to the embedding at the
 * bottom, with arrows for what reads what.
 */
final class DiagramSvg {
  private static final int LEFT = 40;
  private static final int TOP = 96;
  private static final int BOX_WIDTH = 560;
  private static final int BOX_HEIGHT = 46;
  private static final int STEP = 66;

  /** Arrows past other stages run beside the boxes, this far from each other. */
  private static final int LANE = 16;

  private final Outline outline;
  private final StringBuilder svg = new StringBuilder();
  private int lanes;

  private DiagramSvg(Outline outline) {
    this.outline = outline;
  }

  /**
   * The drawing.
   *
   * @param title the network's name
   * @param subtitle one line beneath it
   */
  static String of(Outline outline, String title, String subtitle) {
    return new DiagramSvg(outline).draw(title, subtitle);
  }

  private String draw(String title, String subtitle) {
    List<Stage> stages = outline.stages();
    for (int i = 0; i < stages.size(); i++) {
      for (int source : stages.get(i).sources()) {
        if (source == i - 1) {
          straight(i);
        } else {
          around(source, i);
        }
      }
    }
    for (int i = 0; i < stages.size(); i++) {
      box(i, stages.get(i));
    }
    int width = LEFT + BOX_WIDTH + 30 + lanes * LANE + 30;
    int height = TOP + stages.size() * STEP + 10;
    return """
        <svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d"
             font-family="Helvetica, Arial, sans-serif">
        <defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7"
          orient="auto"><path d="M0,0 L8,4 L0,8 z" fill="#5b6675"/></marker></defs>
        <rect width="100%%" height="100%%" fill="#ffffff"/>
        <text x="%d" y="44" font-size="24" font-weight="bold" fill="#1c2530">%s</text>
        <text x="%d" y="68" font-size="13" fill="#5b6675">%s</text>
        %s</svg>
        """
        .formatted(width, height, width, height, LEFT, escape(title), LEFT, escape(subtitle), svg);
  }

  private static int top(int stage) {
    return TOP + stage * STEP;
  }

  private void straight(int stage) {
    int x = LEFT + BOX_WIDTH / 2;
    arrow("M%d,%d V%d".formatted(x, top(stage - 1) + BOX_HEIGHT, top(stage) - 2));
  }

  private void around(int source, int stage) {
    int right = LEFT + BOX_WIDTH;
    int lane = right + 30 + lanes * LANE;
    lanes++;
    int from = top(source) + BOX_HEIGHT - 12;
    int to = top(stage) + 12;
    arrow(
        "M%d,%d H%d Q%d,%d %d,%d V%d Q%d,%d %d,%d H%d"
            .formatted(
                right, from, lane - 8, lane, from, lane, from + 8, to - 8, lane, to, lane - 8, to,
                right + 2));
  }

  private void arrow(String path) {
    svg.append(
        "<path d=\"%s\" fill=\"none\" stroke=\"#5b6675\" stroke-width=\"1.5\" marker-end=\"url(#tip)\"/>%n"
            .formatted(path));
  }

  private void box(int index, Stage stage) {
    int y = top(index);
    svg.append(
        "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"8\" fill=\"%s\" stroke=\"#c3ccd8\"/>%n"
            .formatted(LEFT, y, BOX_WIDTH, BOX_HEIGHT, fill(index, stage)));
    text(LEFT + 14, y + 19, "start", "15", "bold", "#1c2530", stage.name());
    text(LEFT + 14, y + 36, "start", "12", "normal", "#3d4855", stage.content());
    int right = LEFT + BOX_WIDTH - 14;
    text(right, y + 19, "end", "14", "normal", "#1c2530", stage.shapeText());
    if (stage.weights() > 0) {
      String weights = String.format(Locale.ROOT, "%,d weights", stage.weights());
      text(right, y + 36, "end", "12", "normal", "#3d4855", weights);
    }
  }

  /** Input grey, maps blue, maps along time green, vectors orange. */
  private static String fill(int index, Stage stage) {
    if (index == 0) {
      return "#eef1f5";
    }
    if (stage.shape() instanceof Shape.FeatureMap map) {
      return map.frequency() == 1 ? "#e0f2e6" : "#dfeafa";
    }
    return "#fdebd3";
  }

  private void text(
      int x, int y, String anchor, String size, String weight, String color, String content) {
    svg.append(
        "<text x=\"%d\" y=\"%d\" text-anchor=\"%s\" font-size=\"%s\" font-weight=\"%s\" fill=\"%s\">%s</text>%n"
            .formatted(x, y, anchor, size, weight, color, escape(content)));
  }

  private static String escape(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }
}
