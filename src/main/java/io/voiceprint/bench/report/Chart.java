package io.voiceprint.bench.report;

import java.util.List;

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
    return element(new Markup(), "").toString();
  }

  /** A file of its own. */
  String standalone() {
    Markup markup = new Markup().add("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    return element(markup, StyleSheet.CHART).toString();
  }

  private Markup element(Markup markup, String style) {
    markup.open(
        "svg",
        "xmlns",
        "http://www.w3.org/2000/svg",
        "class",
        "chart",
        "viewBox",
        "-12 -12 %s %s".formatted(Math.round(width + 24), Math.round(height + 24)),
        "width",
        width + 24,
        "height",
        height + 24,
        "role",
        "img",
        "aria-labelledby",
        id + "-title " + id + "-description");
    markup.element("title", title, "id", id + "-title");
    markup.element("desc", description, "id", id + "-description");
    if (!style.isEmpty()) {
      markup.open("style").add(style).close("style");
      markup.shape(
          "rect",
          "class",
          "paper",
          "x",
          -12.0,
          "y",
          -12.0,
          "width",
          width + 24,
          "height",
          height + 24);
    }
    return markup.add(svg).close("svg");
  }
}
