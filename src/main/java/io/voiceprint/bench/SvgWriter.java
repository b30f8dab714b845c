package io.voiceprint.bench;

import java.util.Locale;

/** Text and bars, as SVG that needs no other file. */
final class SvgWriter {
  private static final String STYLE =
      "text{font-family:'DejaVu Sans',Verdana,Arial,sans-serif;font-size:11px;fill:#1a202c}"
          + ".title{font-size:16px;font-weight:bold}"
          + ".head{font-weight:bold}"
          + ".note{fill:#4a5568}"
          + ".value{fill:#2d3748;font-size:10px}";

  private final StringBuilder body = new StringBuilder();

  /**
   * @param x where it begins
   * @param y of its baseline
   * @param style title, head, cell, note or value
   */
  void text(double x, double y, String style, String text) {
    element("<text x=\"%.1f\" y=\"%.1f\" class=\"%s\">%s</text>", x, y, style, escaped(text));
  }

  /** A filled rectangle; one without a width is not drawn. */
  void bar(double x, double y, double width, double height, String colour) {
    if (width > 0) {
      element(
          "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.2f\" height=\"%.1f\" fill=\"%s\"/>",
          x, y, width, height, colour);
    }
  }

  /** All of it. */
  String document(int width, int height) {
    return String.format(
        Locale.ROOT,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%1$d\" height=\"%2$d\""
            + " viewBox=\"0 0 %1$d %2$d\">%n<style>%3$s</style>%n"
            + "<rect width=\"%1$d\" height=\"%2$d\" fill=\"#ffffff\"/>%n%4$s</svg>%n",
        width,
        height,
        STYLE,
        body);
  }

  private void element(String format, Object... values) {
    body.append(String.format(Locale.ROOT, format, values)).append('\n');
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }
}
