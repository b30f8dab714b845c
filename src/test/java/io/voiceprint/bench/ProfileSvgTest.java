package io.voiceprint.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.voiceprint.Device;
import io.voiceprint.EncoderOptions;
import io.voiceprint.engine.DeviceLimits;
import io.voiceprint.graph.GraphCost;
import java.io.StringReader;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

class ProfileSvgTest {
  private static EngineRun run(List<Layer> layers) {
    return run(layers, Optional.empty());
  }

  private static EngineRun run(List<Layer> layers, Optional<DeviceLimits> device) {
    return new EngineRun(
        new Contestant("voiceprint <cpu> & co", "one \"thread\"", "fp32", 1),
        List.of(),
        "",
        Optional.empty(),
        Optional.of(new Ceiling(100, "a convolution", device)),
        Optional.empty(),
        Optional.of(new Profile(98, 3, layers, 7.25, "one by one")),
        Optional.empty());
  }

  private static Document parse(String svg) throws Exception {
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new InputSource(new StringReader(svg)));
  }

  private static List<Element> elements(Document document, String tag) {
    NodeList nodes = document.getElementsByTagName(tag);
    return IntStream.range(0, nodes.getLength()).mapToObj(i -> (Element) nodes.item(i)).toList();
  }

  @Test
  void barsAreAsLongAsTheirTimesAndLieInThePicture() throws Exception {
    List<Layer> layers =
        List.of(
            new Layer("a", "conv 3x3", "2 x 80 x 98", 1, 50_000_000, 10, 0),
            new Layer("view", "channel slice", "1 x 80 x 98", 0, 0, 0, 0),
            new Layer("b", "conv 3x3 /2", "2 x 40 x 49", 4, 100_000_000, 10, 0));
    Document svg = parse(new ProfileSvg("net", List.of(run(layers))).svg());
    List<String> texts = elements(svg, "text").stream().map(Element::getTextContent).toList();
    assertTrue(texts.contains("net, voiceprint <cpu> & co"), texts.toString());
    assertTrue(texts.contains("4.000 ms  80.0%"), texts.toString());
    assertTrue(texts.contains("25.0  25%"), texts.toString());
    assertFalse(texts.contains("view"), texts.toString());
    double height = Double.parseDouble(svg.getDocumentElement().getAttribute("height"));
    double width = Double.parseDouble(svg.getDocumentElement().getAttribute("width"));
    List<Element> bars = elements(svg, "rect");
    for (Element bar : bars) {
      double x = bar.hasAttribute("x") ? Double.parseDouble(bar.getAttribute("x")) : 0;
      double y = bar.hasAttribute("y") ? Double.parseDouble(bar.getAttribute("y")) : 0;
      assertTrue(x + Double.parseDouble(bar.getAttribute("width")) <= width);
      assertTrue(y + Double.parseDouble(bar.getAttribute("height")) <= height);
    }
    // Background; the kind: time, ceiling, rate; a and b likewise.
    assertEquals(10, bars.size());
    double a = Double.parseDouble(bars.get(4).getAttribute("width"));
    double b = Double.parseDouble(bars.get(7).getAttribute("width"));
    assertEquals(0.25, a / b, 1e-3);
  }

  @Test
  void memoryHasBarsOfItsOwnWhereItWasMeasured() throws Exception {
    List<Layer> layers =
        List.of(
            new Layer("a", "conv 3x3", "2 x 80 x 98", 1, 50_000_000, 20_000_000, 1),
            new Layer("b", "concat", "2 x 40 x 49", 0.01, 0, 1_000, 2));
    DeviceLimits device = new DeviceLimits(25e9, "a copy", 4_000, 1_000);
    Document svg = parse(new ProfileSvg("net", List.of(run(layers, Optional.of(device)))).svg());
    List<String> texts = elements(svg, "text").stream().map(Element::getTextContent).toList();
    assertTrue(texts.contains("20.0  80%"), texts.toString());
    assertTrue(texts.contains("memory") && texts.contains("launches"), texts.toString());
    assertTrue(texts.stream().anyMatch(text -> text.endsWith("; ceiling 25.0 GB/s")));
    // Background; the kinds, then a and b: a bar of time, two of memory, and of a two of its rate.
    assertEquals(1 + 2 * (5 + 3), elements(svg, "rect").size());
    double width = Double.parseDouble(svg.getDocumentElement().getAttribute("width"));
    for (Element text : elements(svg, "text")) {
      assertTrue(Double.parseDouble(text.getAttribute("x")) < width - 60);
    }
  }

  @Test
  void theProfileOfANetworkCoversIt() throws Exception {
    MeasuredNetwork network = MeasuredNetwork.of(SeededNetwork.ERES2NET_MICRO);
    EncoderOptions options = EncoderOptions.DEFAULTS.withDevice(Device.REFERENCE).withThreads(1);
    Profile profile = Profile.measure(network.model(), options, Clips.of(1, 0.3, 16000).get(0), 1);
    assertEquals(3, profile.passes());
    assertEquals(28, profile.frames());
    assertEquals(network.model().graph().nodes().size(), profile.layers().size());
    assertEquals(
        profile.totalMs(),
        profile.families().stream().mapToDouble(Layer::ms).sum(),
        0.01 * profile.totalMs());
    assertEquals(
        GraphCost.flop(network.model().graph(), 28),
        profile.layers().stream().mapToLong(Layer::flop).sum());
    Layer stem = profile.layers().get(1);
    assertEquals("conv 3x3", stem.kind());
    assertEquals("2 x 80 x 28", stem.shape());
    // One input channel, nine weights and a bias for each of two channels, two output channels.
    assertEquals(4L * (80 * 28 + 2 * 10 + 2 * 80 * 28), stem.bytes());
    assertEquals(2L * 9 * 2 * 80 * 28, stem.flop());
    Document svg = parse(new ProfileSvg("micro", List.of(run(profile.layers()))).svg());
    assertTrue(elements(svg, "text").size() > profile.families().size());
  }
}
