package io.voiceprint.bench.report;

import java.util.Locale;

/** HTML or SVG under construction; every text and every attribute is escaped. */
final class Markup {
  private final StringBuilder text = new StringBuilder();

  /**
   * Begins an element.
   *
   * @param attributes names and values in turn; numbers keep two decimals
   */
  Markup open(String tag, Object... attributes) {
    tag(tag, attributes);
    text.append('>');
    return this;
  }

  Markup close(String tag) {
    text.append("</").append(tag).append(">\n");
    return this;
  }

  /** An element that holds a text. */
  Markup element(String tag, String content, Object... attributes) {
    open(tag, attributes);
    escape(content);
    return close(tag);
  }

  /** A remark in SVG, small and pale. */
  Markup note(String content, double x, double y) {
    return element("text", content, "class", "faint small", "x", x, "y", y);
  }

  /** An element of SVG without content. */
  Markup shape(String tag, Object... attributes) {
    tag(tag, attributes);
    text.append("/>\n");
    return this;
  }

  /** Text within an element. */
  Markup text(String content) {
    escape(content);
    return this;
  }

  /** What was built elsewhere, or a text of this program's own that is markup already. */
  Markup add(String markup) {
    text.append(markup);
    return this;
  }

  private void tag(String tag, Object... attributes) {
    text.append('<').append(tag);
    for (int i = 0; i < attributes.length; i += 2) {
      text.append(' ').append(attributes[i]).append("=\"");
      escape(
          attributes[i + 1] instanceof Double number
              ? number(number)
              : String.valueOf(attributes[i + 1]));
      text.append('"');
    }
  }

  private static String number(double value) {
    String digits = String.format(Locale.ROOT, "%.2f", value);
    return digits.replaceFirst("\\.?0+$", "");
  }

  private void escape(String content) {
    content
        .codePoints()
        .forEach(
            c -> {
              switch (c) {
                case '&' -> text.append("&amp;");
                case '<' -> text.append("&lt;");
                case '>' -> text.append("&gt;");
                case '"' -> text.append("&quot;");
                case '\'' -> text.append("&#39;");
                default -> text.appendCodePoint(isLegal(c) ? c : '\uFFFD');
              }
            });
  }

  /** Of XML 1.0: all but most control characters and lone surrogates. */
  private static boolean isLegal(int c) {
    return (c >= 0x20 && c <= 0xD7FF)
        || (c >= 0xE000 && c <= 0xFFFD)
        || c >= 0x10000
        || c == '\t'
        || c == '\n';
  }

  @Override
  public String toString() {
    return text.toString();
  }
}
