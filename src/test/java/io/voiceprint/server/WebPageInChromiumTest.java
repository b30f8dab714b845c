package io.voiceprint.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.voiceprint.SpeakerEncoder;
import io.voiceprint.frontend.FbankOptions;
import io.voiceprint.frontend.MelBank;
import io.voiceprint.golden.Golden;
import io.voiceprint.golden.Npy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** The web page used in a real browser, against a real server. */
class WebPageInChromiumTest {
  private static final Path A = RunningServer.SAMPLES.resolve("voice_a_1.wav");
  private static final Path B = RunningServer.SAMPLES.resolve("voice_b_1.wav");

  @TempDir(cleanup = CleanupMode.NEVER)
  private Path profile;

  private static RunningServer server;
  private Chromium browser;

  @BeforeAll
  static void startServer() {
    if (Chromium.find().isPresent()) {
      server = RunningServer.start("model-control=true", "model-folder=weights/demo");
    }
  }

  @AfterAll
  static void stopServer() {
    if (server != null) {
      server.close();
    }
  }

  @BeforeEach
  void openPage() throws Exception {
    // Here and not for the class as a whole, since the report then counts what was skipped.
    assumeTrue(server != null, "no chromium on the PATH, so the page is not tried");
    browser = new Chromium(Chromium.find().orElseThrow(), profile);
    browser.open(server.uri("/"));
    browser.await("byId('model').options.length === 1");
  }

  /** Whatever was done: no exception, no violation of the policy, no request elsewhere. */
  @AfterEach
  void nothingWentWrong() {
    if (browser != null) {
      try {
        assertEquals(List.of(), browser.events("Runtime.exceptionThrown"));
        assertEquals(List.of(), browser.events("Log.entryAdded"));
        for (JsonNode request : browser.events("Network.requestWillBeSent")) {
          String url = request.path("request").path("url").asText();
          assertTrue(
              url.startsWith(server.uri("/").toString()) || url.matches("(data|blob):.*"), url);
        }
      } finally {
        browser.close();
      }
    }
  }

  @Test
  void comparesTwoFiles() throws Exception {
    browser.choose("#file-a", A);
    browser.choose("#file-b", B);
    browser.await("clips.every(clip => clip.samples.length > 0)");
    assertTrue(label("#clip-a .wave").matches("Waveform: \\d+\\.\\d\\d seconds, peak -\\d.*"));
    assertTrue(label("#clip-b .bank").matches("Filter bank: \\d+ frames of 80 mel bins, .*hertz"));
    browser.evaluate("byId('compare').click()");
    browser.await("!byId('scale').hidden");
    String answer = browser.evaluate("byId('answer').textContent").asText();
    double score;
    try (SpeakerEncoder library = RunningServer.library()) {
      score = library.embed(A).cosine(library.embed(B));
    }
    assertTrue(answer.startsWith("Different voices: score %.3f".formatted(score)), answer);
    browser.await("byId('computed').textContent === '2'");
    assertEquals("2", browser.evaluate("byId('computed').textContent").asText());
    screenshot();
  }

  @Test
  void saysWhatIsWrong() throws Exception {
    browser.evaluate("byId('compare').click()");
    assertTrue(problem().startsWith("Two clips are needed"), problem());
    assertEquals("file-a", browser.evaluate("document.activeElement.id").asText());
    browser.choose("#file-a", A);
    browser.choose("#file-b", Path.of("pom.xml"));
    browser.await("clips[1].about.textContent.includes('cannot draw it')");
    // The browser notes every answer that is no success.
    browser.call("Log.disable", Map.of());
    browser.evaluate("byId('compare').click()");
    browser.await("byId('problem').textContent.length > 0");
    assertTrue(problem().startsWith("b: not a known audio format"), problem());
  }

  @Test
  void isUsableWithTheKeyboardAlone() {
    List<String> order = new ArrayList<>();
    while (!order.contains("compare") && order.size() < 20) {
      browser.press("Tab", 9);
      order.add(
          browser
              .evaluate("document.activeElement.id || document.activeElement.className")
              .asText());
    }
    assertEquals(
        List.of("skip", "file-a", "record", "file-b", "record", "model", "compare"), order);
    browser.press("Enter", 13);
    browser.await("byId('problem').textContent.startsWith('Two clips are needed')");
    assertEquals("file-a", browser.evaluate("document.activeElement.id").asText());
  }

  @Test
  void listsModelsAsTheyComeAndGo() {
    String model = "/v2/repository/models/eres2net_demo/";
    assertEquals(200, server.post(model + "load", new byte[0]).statusCode());
    browser.await("byId('model').options.length === 2");
    assertEquals(200, server.post(model + "unload", new byte[0]).statusCode());
    browser.await("byId('model').options.length === 1");
    assertEquals("demo", browser.evaluate("byId('model').value").asText());
  }

  @Test
  void records() {
    browser.evaluate("clips[0].button.click()");
    browser.await("clips[0].button.textContent === 'Stop'");
    browser.evaluate(
        """
        new Promise(done => {
          const recorder = clips[0].recorder;
          let bytes = 0;
          recorder.addEventListener('dataavailable', event => {
            bytes += event.data.size;
            bytes > 4000 ? done() : setTimeout(() => recorder.requestData(), 20);
          });
          recorder.requestData();
        })""");
    browser.evaluate("clips[0].button.click()");
    browser.await("clips[0].samples.length > 0");
    assertEquals("audio/wav", browser.evaluate("clips[0].blob.type").asText());
  }

  @Test
  void hasTheFrontEndsMelFilters() {
    MelBank bank = MelBank.of(FbankOptions.speaker(80));
    JsonNode theirs = browser.evaluate("MEL_BANK");
    for (int m = 0; m < 80; m++) {
      float[] weights = bank.weights(m);
      assertEquals(bank.firstBin(m), theirs.get(m).path("first").asInt());
      assertEquals(weights.length, theirs.get(m).path("weights").size());
      for (int i = 0; i < weights.length; i++) {
        assertEquals(weights[i], theirs.get(m).path("weights").get(i).asDouble(), 1e-4);
      }
    }
  }

  @Test
  void computesTheFilterBankOfTheOriginal() {
    Path steps = Golden.root().resolve("fbank_steps");
    float[] waveform = Npy.read(steps.resolve("waveform.npy")).floats();
    double[] expected = Npy.read(steps.resolve("log_mel.npy")).data();
    JsonNode actual =
        browser.evaluate(
            """
            (samples => Array.from({length: frameCount(samples)},
                (_, t) => [...frameEnergies(samples, t * SHIFT)]).flat())(%s)"""
                .formatted(Arrays.toString(waveform)));
    assertEquals(expected.length, actual.size());
    for (int i = 0; i < expected.length; i++) {
      assertEquals(expected[i], actual.get(i).asDouble(), 1e-4, "log-mel value " + i);
    }
  }

  @Test
  void everythingThatIsUsedHasAName() {
    JsonNode nodes = browser.call("Accessibility.getFullAXTree", Map.of()).path("nodes");
    int used = 0;
    for (JsonNode node : nodes) {
      String role = node.path("role").path("value").asText();
      if (List.of("button", "image", "img", "combobox", "link", "table", "form", "group", "region")
              .contains(role)
          && !node.path("ignored").asBoolean()) {
        used++;
        assertTrue(!node.path("name").path("value").asText().isBlank(), node.toString());
      }
    }
    assertTrue(used >= 15, "found " + used);
  }

  private String label(String selector) {
    return browser
        .evaluate("document.querySelector('%s').getAttribute('aria-label')".formatted(selector))
        .asText();
  }

  private String problem() {
    return browser.evaluate("byId('problem').textContent").asText();
  }

  /** For the documentation: {@code -Dvoiceprint.screenshot=docs/server-page.png}. */
  private void screenshot() throws Exception {
    Optional<String> file = Optional.ofNullable(System.getProperty("voiceprint.screenshot"));
    if (file.isPresent()) {
      browser.call(
          "Emulation.setDeviceMetricsOverride",
          Map.of("width", 1000, "height", 1280, "deviceScaleFactor", 1, "mobile", false));
      browser.evaluate("document.activeElement.blur(); scrollTo(0, 0)");
      String png = browser.call("Page.captureScreenshot", Map.of()).path("data").asText();
      Files.write(Path.of(file.get()), Base64.getDecoder().decode(png));
    }
  }
}
