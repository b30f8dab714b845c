package io.voiceprint.bench.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

final class ReportTest {
  @TempDir private Path folder;

  @Test
  void showsRatiosRefusalsAndEveryKindOfChart() throws IOException {
    Report report = Report.read(List.of(ExampleResults.write(folder)));
    String html = report.html();
    for (String expected :
        List.of(
            "Example CPU",
            "0.67×", // 2 ms of 3 ms
            "9.0e-01, more than 4.0e-01",
            "64 of 1 to 10 s",
            "Cold start",
            "Ceilings",
            "of 3 launches in a CUDA graph; it took 0.020 ms",
            "memory 50.0 %", // 4 MB in 0.02 ms, of 400 GB/s
            "launches 80.0 %",
            "000000000000<")) {
      assertTrue(html.contains(expected), expected);
    }
    assertEquals(
        List.of(
            "example-onnx-features-latency.svg",
            "example-onnx-features-throughput.svg",
            "example-onnx-memory.svg",
            "example-onnx-layers-1.svg",
            "example-onnx-layers-2.svg"),
        List.copyOf(report.charts().keySet()));
  }

  @Test
  void saysHowManyCallsWereDueButNotMade() throws IOException {
    Path without = ExampleResults.write(folder);
    assertFalse(Report.read(List.of(without)).html().contains(">unsent<"));
    Path with = ExampleResults.write(folder, "\"calls\": 4,", "\"calls\": 4, \"unsent\": 721,");
    String html = Report.read(List.of(with)).html();
    assertTrue(html.contains(">unsent<") && html.contains(">721<"));
  }

  @Test
  void loadsNothing() throws IOException {
    String html = Report.read(List.of(ExampleResults.write(folder))).html();
    String rest = html.replace("xmlns=\"http://www.w3.org/2000/svg\"", "");
    Matcher outside =
        Pattern.compile("https?:|//[a-z]|\\bsrc=|\\bhref=|url\\(|@import|<script").matcher(rest);
    assertFalse(outside.find(), () -> "at " + rest.substring(outside.start()));
  }

  @Test
  void chartsAreDocumentsWithTitles() throws Exception {
    Map<String, String> charts = Report.read(List.of(ExampleResults.write(folder))).charts();
    for (String svg : charts.values()) {
      Element root = parse(svg).getDocumentElement();
      assertEquals("svg", root.getTagName());
      assertEquals("img", root.getAttribute("role"));
      for (String tag : List.of("title", "desc", "style")) {
        assertFalse(root.getElementsByTagName(tag).item(0).getTextContent().isBlank(), tag);
      }
      assertTrue(
          root.getTextContent()
              .contains("Example CPU, 2 processors, 2026-01-01T00:00:00Z, commit 000000000000"));
    }
  }

  /** Whatever a file says is text, in the page and in the charts. */
  @Test
  void escapesWhatComesFromTheFile() throws Exception {
    String evil =
        "</title></svg><script>alert(1)</script><img src=x onerror='a()' y=\\\"&#x0;\\u0001\\ud800";
    String text =
        ExampleResults.text()
            .replace("voiceprint cpu fp32", "voiceprint " + evil)
            .replaceAll(
                "\"(time|program|commit|command|processor|system)\": \"[^\"]*\"",
                "\"$1\": \"" + Matcher.quoteReplacement(evil) + "\"")
            .replace("\"example.onnx\"", "\"" + evil + "\"")
            .replace("layer1.0.conv1", evil)
            .replace("1 x 1 s", evil)
            .replace("\"features\"", "\"" + evil + "\"");
    Report report = Report.read(List.of(Files.writeString(folder.resolve("evil.json"), text)));
    assertFalse(report.html().contains("<script"));
    assertFalse(report.html().contains("<img"));
    assertTrue(report.html().contains("&lt;script&gt;"));
    assertTrue(report.charts().size() >= 3);
    for (Map.Entry<String, String> chart : report.charts().entrySet()) {
      assertTrue(chart.getKey().matches("[a-z0-9-]+\\.svg"), chart.getKey());
      assertEquals(0, parse(chart.getValue()).getElementsByTagName("script").getLength());
    }
  }

  /** The length of a bar is its value's share of the axis, and the axis begins at zero. */
  @Test
  void barsAreAsLongAsTheirValues() throws Exception {
    Report report = Report.read(List.of(ExampleResults.write(folder)));
    Document latency = parse(report.charts().get("example-onnx-features-latency.svg"));
    List<Element> bars = bars(latency, "14");
    assertEquals(4, bars.size(), "a pale and a full one for each of two engines");
    double perMs = width(bars.get(1)) / 2.0;
    assertEquals(3.0 * perMs, width(bars.get(3)), 0.02);
    assertEquals(2.0 * perMs, width(bars.get(0)), 0.02); // p50 2 to p99 4
    Document memory = parse(report.charts().get("example-onnx-memory.svg"));
    assertEquals(1, bars(memory, "15").size());
  }

  @Test
  void tellsTheSameEngineOfTwoFilesApart() throws IOException {
    Path first = ExampleResults.write(folder);
    Path second = Files.copy(first, folder.resolve("again.json"));
    String html = Report.read(List.of(first, second)).html();
    assertTrue(html.contains("voiceprint cpu fp32 (example.json)"));
    assertTrue(html.contains("voiceprint cpu fp32 (again.json)"));
    assertFalse(html.contains("different machines"));
    String other = Files.readString(first).replace("Example CPU", "Other CPU");
    Files.writeString(second, other);
    assertTrue(Report.read(List.of(first, second)).html().contains("different machines"));
  }

  private static List<Element> bars(Document chart, String height) {
    NodeList all = chart.getElementsByTagName("rect");
    List<Element> bars = new ArrayList<>();
    for (int i = 0; i < all.getLength(); i++) {
      Element rect = (Element) all.item(i);
      if (rect.getAttribute("height").equals(height)) {
        bars.add(rect);
      }
    }
    return bars;
  }

  private static double width(Element rect) {
    return Double.parseDouble(rect.getAttribute("width"));
  }

  private static Document parse(String svg) throws Exception {
    DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
    factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
    byte[] bytes = svg.getBytes(StandardCharsets.UTF_8);
    return factory.newDocumentBuilder().parse(new ByteArrayInputStream(bytes));
  }
}
