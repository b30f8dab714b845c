package io.voiceprint.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The web page as it is served: types, headers, and nothing from elsewhere. */
class WebPageTest {
  private static final String SCRIPT = "text/javascript; charset=utf-8";
  private static final Map<String, String> TYPES =
      new TreeMap<>(
          Map.of(
              "/", "text/html; charset=utf-8",
              "/page.css", "text/css; charset=utf-8",
              "/filterbank.js", SCRIPT,
              "/pictures.js", SCRIPT,
              "/clips.js", SCRIPT,
              "/figures.js", SCRIPT,
              "/page.js", SCRIPT));

  @TempDir private Path folder;

  @Test
  void isServedWithItsTypesAndAStrictPolicy() {
    try (RunningServer server = RunningServer.cold()) {
      TYPES.forEach(
          (address, type) -> {
            HttpResponse<byte[]> response = server.get(address);
            assertEquals(200, response.statusCode(), address);
            assertEquals(type, header(response, "content-type"));
            assertEquals("nosniff", header(response, "x-content-type-options"));
            Set<String> policy =
                Set.of(header(response, "content-security-policy").split("; *", -1));
            assertTrue(
                policy.containsAll(
                    List.of("default-src 'none'", "script-src 'self'", "frame-ancestors 'none'")),
                policy.toString());
            assertFalse(policy.toString().contains("unsafe"), policy.toString());
            assertFalse(policy.toString().contains("*"), policy.toString());
          });
    }
  }

  @Test
  void refersToNothingOutsideTheServer() {
    try (RunningServer server = RunningServer.cold()) {
      Set<String> references = new TreeSet<>();
      for (String address : TYPES.keySet()) {
        String text = new String(server.get(address).body(), StandardCharsets.UTF_8);
        assertFalse(text.matches("(?s).*(\\w+:|['\"(])//\\w.*"), address + " names another host");
        Pattern.compile("(?:src|href)=\"([^\"]*)\"|url\\(([^)]*)\\)|@import")
            .matcher(text)
            .results()
            .forEach(match -> references.add(String.valueOf(match.group(1))));
      }
      references.removeIf(reference -> reference.startsWith("#") || reference.equals("data:,"));
      assertEquals(
          Set.of(
              "metrics",
              "page.css",
              "filterbank.js",
              "pictures.js",
              "clips.js",
              "figures.js",
              "page.js",
              "v1/openapi.json"),
          references);
      for (String reference : references) {
        assertEquals(200, server.get("/" + reference).statusCode(), reference);
      }
    }
  }

  @Test
  void needsNoTokenItself() throws Exception {
    Path tokens = Files.writeString(folder.resolve("tokens"), "b9f6e0c4a1d24f7a8e3c5d60\n");
    try (RunningServer server = RunningServer.cold("token-file=" + tokens)) {
      for (String address : TYPES.keySet()) {
        assertEquals(200, server.get(address).statusCode(), address);
      }
      assertEquals(401, server.get("/v1/models").statusCode());
    }
  }

  private static String header(HttpResponse<byte[]> response, String name) {
    return response.headers().firstValue(name).orElse("none");
  }
}
