package io.voiceprint.bench.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** How pages and charts look. */
final class StyleSheet {
  /** Of charts; a page that shows charts has it too. */
  static final String CHART = read("chart.css");

  static final String PAGE = read("page.css");

  private StyleSheet() {}

  private static String read(String name) {
    try (InputStream in = StyleSheet.class.getResourceAsStream(name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
