package io.voiceprint.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/** A headless Chromium with one page, driven over its DevTools protocol. */
final class Chromium implements AutoCloseable, WebSocket.Listener {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String ENDPOINT = "DevTools listening on ";

  private final Map<Integer, CompletableFuture<JsonNode>> answers = new ConcurrentHashMap<>();
  private final BlockingQueue<JsonNode> events = new LinkedBlockingQueue<>();
  private final AtomicInteger ids = new AtomicInteger();
  private final StringBuilder message = new StringBuilder();
  private final Process process;
  private final WebSocket socket;
  private String session = "";

  /** The browser of this machine, if it has one. */
  static Optional<Path> find() {
    return Arrays.stream(System.getenv("PATH").split(File.pathSeparator, -1))
        .flatMap(
            folder ->
                Stream.of("chromium", "chromium-browser", "google-chrome")
                    .map(name -> Path.of(folder, name)))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /**
   * Starts it.
   *
   * @param profile an empty folder
   */
  Chromium(Path program, Path profile) throws IOException {
    process =
        new ProcessBuilder(
                program.toString(),
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--use-fake-ui-for-media-stream",
                "--use-fake-device-for-media-stream",
                "--remote-debugging-port=0",
                "--user-data-dir=" + profile,
                "about:blank")
            .redirectErrorStream(true)
            .start();
    BufferedReader output = process.inputReader(StandardCharsets.UTF_8);
    String line = output.readLine();
    while (line != null && !line.startsWith(ENDPOINT)) {
      line = output.readLine();
    }
    assertEquals(true, line != null, "chromium did not start");
    Thread drain = new Thread(() -> output.lines().forEach(rest -> {}), "chromium-output");
    drain.setDaemon(true);
    drain.start();
    socket =
        HttpClient.newHttpClient()
            .newWebSocketBuilder()
            .buildAsync(URI.create(line.substring(ENDPOINT.length())), this)
            .join();
    String target =
        call("Target.createTarget", Map.of("url", "about:blank")).path("targetId").asText();
    session =
        call("Target.attachToTarget", Map.of("targetId", target, "flatten", true))
            .path("sessionId")
            .asText();
    for (String domain : List.of("Page", "Runtime", "Network", "Log", "DOM", "Accessibility")) {
      call(domain + ".enable", Map.of());
    }
  }

  /** What a command of the protocol answers. */
  JsonNode call(String method, Map<String, Object> parameters) {
    int id = ids.incrementAndGet();
    CompletableFuture<JsonNode> answer = new CompletableFuture<>();
    answers.put(id, answer);
    ObjectNode command = JSON.createObjectNode().put("id", id).put("method", method);
    command.set("params", JSON.valueToTree(parameters));
    if (!session.isEmpty()) {
      command.put("sessionId", session);
    }
    socket.sendText(command.toString(), true).join();
    JsonNode got = answer.orTimeout(60, TimeUnit.SECONDS).join();
    assertEquals("", got.path("error").path("message").asText(), method);
    return got.path("result");
  }

  /** The value of an expression, awaited if it is a promise. */
  JsonNode evaluate(String expression) {
    JsonNode result =
        call(
            "Runtime.evaluate",
            Map.of("expression", expression, "awaitPromise", true, "returnByValue", true));
    assertEquals(
        "", result.path("exceptionDetails").path("exception").path("description").asText());
    return result.path("result").path("value");
  }

  /** Returns when an expression has become true, looking at each frame. */
  void await(String condition) {
    evaluate(
        "new Promise(done => { const look = () => (%s) ? done(true) : setTimeout(look, 20); look(); })"
            .formatted(condition));
  }

  /** Loads a page, to the end. */
  void open(URI page) {
    call("Page.navigate", Map.of("url", page.toString()));
    await("location.href === '%s' && document.readyState === 'complete'".formatted(page));
  }

  /** Chooses files as a person does. */
  void choose(String selector, Path file) {
    int root = call("DOM.getDocument", Map.of()).path("root").path("nodeId").asInt();
    int node =
        call("DOM.querySelector", Map.of("nodeId", root, "selector", selector))
            .path("nodeId")
            .asInt();
    call(
        "DOM.setFileInputFiles",
        Map.of("nodeId", node, "files", List.of(file.toAbsolutePath().toString())));
  }

  /** Presses a key that has no character or the carriage return. */
  void press(String key, int code) {
    String text = key.equals("Enter") ? "\r" : "";
    Map<String, Object> down =
        Map.of("type", "keyDown", "key", key, "windowsVirtualKeyCode", code, "text", text);
    call("Input.dispatchKeyEvent", down);
    call("Input.dispatchKeyEvent", Map.of("type", "keyUp", "key", key));
  }

  /** What happened so far, of a kind such as {@code Network.requestWillBeSent}. */
  List<JsonNode> events(String method) {
    return events.stream()
        .filter(event -> event.path("method").asText().equals(method))
        .map(event -> event.path("params"))
        .toList();
  }

  @Override
  public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
    message.append(data);
    if (last) {
      try {
        JsonNode whole = JSON.readTree(message.toString());
        message.setLength(0);
        if (whole.has("id")) {
          answers.remove(whole.path("id").asInt()).complete(whole);
        } else {
          events.add(whole);
        }
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
    }
    from.request(1);
    return null;
  }

  @Override
  public void close() {
    socket.abort();
    process.destroy();
    process.onExit().join();
  }
}
