package io.voiceprint.bench.report;

import java.util.List;
import java.util.Locale;

/**
 * A picture.
 *
 * @param id unique in the page, of letters, digits and hyphens
 * @param title for people
 * @param description what the picture shows, for those who cannot see it
 * @param svg the drawing, without its outermost element
 */
record Chart(String id, String title, String description, double width, double height, String svg) {
  /** Pixels of a page's column. */
  static final double WIDTH = 880;

  private static final double LETTER = 6.6;
  private static final double LEGEND_ROW = 20;
  private static final double ORIGIN_ROW = 20;
  private static final double MARGIN = 12;

  /** About how wide a text is, in pixels. */
  static double width(String text) {
    return LETTER * text.length();
  }

  /** Draws a legend from the left margin; returns its height. */
  static double legend(Markup svg, List<Series> series, List<String> notes) {
    double x = 0;
    double y = LEGEND_ROW / 2;
    for (int i = 0; i < series.size(); i++) {
      String label = series.get(i).label() + (notes.isEmpty() ? "" : notes.get(i));
      double needed = 18 + width(label) + 22;
      if (x > 0 && x + needed > WIDTH) {
        x = 0;
        y += LEGEND_ROW;
      }
      svg.shape(
          "rect",
          "class",
          series.get(i).color(),
          "x",
          x,
          "y",
          y - 6,
          "width",
          12.0,
          "height",
          12.0,
          "rx",
          2.0);
      svg.element("text", label, "x", x + 18, "y", y + 4);
      x += needed;
    }
    return y + LEGEND_ROW;
  }

  /** For a page that has the style sheet already. */
  String inline() {
    Markup markup = new Markup();
    open(markup, height);
    return markup.add(svg).close("svg").toString();
  }

  /**
   * A file of its own.
   *
   * @param origin machine and commit, in one line below the chart
   */
  String standalone(String origin) {
    double bottom = height + ORIGIN_ROW;
    Markup markup = new Markup().add("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    open(markup, bottom);
    markup.open("style").add(StyleSheet.CHART).close("style");
    markup.shape(
        "rect",
        "class",
        "paper",
        "x",
        -MARGIN,
        "y",
        -MARGIN,
        "width",
        width + 2 * MARGIN,
        "height",
        bottom + 2 * MARGIN);
    markup.add(svg);
    markup.note(origin, 0, bottom - 4);
    return markup.close("svg").toString();
  }

  private void open(Markup markup, double bottom) {
    markup.open(
        "svg",
        "xmlns",
        "http://www.w3.org/2000/svg",
        "class",
        "chart",
        "viewBox",
        String.format(
            Locale.ROOT,
            "%d %d %d %d",
            Math.round(-MARGIN),
            Math.round(-MARGIN),
            Math.round(width + 2 * MARGIN),
            Math.round(bottom + 2 * MARGIN)),
        "width",
        width + 2 * MARGIN,
        "height",
        bottom + 2 * MARGIN,
        "role",
        "img",
        "aria-labelledby",
        id + "-title " + id + "-description");
    markup.element("title", title, "id", id + "-title");
    markup.element("desc", description, "id", id + "-description");
  }
}
