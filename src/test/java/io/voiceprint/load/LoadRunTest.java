package io.voiceprint.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import io.voiceprint.bench.Arrivals;
import io.voiceprint.bench.Load;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Against an HTTP server that answers as it is told. */
@Timeout(120)
class LoadRunTest {
  private static final String EMBEDDING = "{\"embeddings\":[{\"embedding\":[0.5]}]}";

  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final AtomicInteger requests = new AtomicInteger();
  private HttpServer server;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
    threads.shutdownNow();
  }

  private void serve(HttpHandler handler) {
    server.createContext("/v1/embeddings", handler);
  }

  private void answer(HttpExchange exchange, int status, String body) throws IOException {
    requests.incrementAndGet();
    exchange.getRequestBody().readAllBytes();
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  private LoadPlan plan(double rate, int concurrency, int holders) {
    return plan(rate, concurrency, holders, Duration.ZERO);
  }

  /** Warms up, and sends alone, for a time; or not at all, if that is zero. */
  private LoadPlan plan(double rate, int concurrency, int holders, Duration before) {
    URI address = URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    return new LoadPlan(
        address,
        Optional.of("base model"),
        Optional.of("secret"),
        LoadClip.mixed(3, 0.2, 0.5),
        new Load(concurrency, rate, Arrivals.POISSON),
        before,
        before,
        Duration.ofMillis(300),
        Duration.ofSeconds(30),
        holders,
        Optional.empty());
  }

  @Test
  void everyAnswerIsCountedByItsStatus() throws Exception {
    AtomicInteger wellFormed = new AtomicInteger();
    serve(
        exchange -> {
          int number = requests.get();
          if ("Bearer secret".equals(exchange.getRequestHeaders().getFirst("Authorization"))
              && "model=base+model".equals(exchange.getRequestURI().getRawQuery())) {
            wellFormed.incrementAndGet();
          }
          if (number % 3 == 1) {
            exchange.getResponseHeaders().set("Retry-After", "1");
            answer(exchange, 429, "{}");
          } else {
            answer(exchange, 200, EMBEDDING);
          }
        });
    LoadReport report = LoadRun.run(plan(0, 1, 0));
    assertTrue(report.isSound(), report.text());
    assertEquals(requests.get(), wellFormed.get());
    String json = report.json();
    assertTrue(json.contains("\"sent\" : " + requests.get()), json);
    assertTrue(json.contains("\"429\" : " + (requests.get() + 1) / 3), json);
    assertTrue(json.contains("\"200\" : " + (requests.get() - (requests.get() + 1) / 3)), json);
  }

  @Test
  void aRequestWithoutAnAnswerIsLost() throws Exception {
    AtomicInteger seen = new AtomicInteger();
    serve(
        exchange -> {
          if (seen.incrementAndGet() == 2) {
            exchange.close();
          } else {
            answer(exchange, 200, EMBEDDING);
          }
        });
    LoadReport report = LoadRun.run(plan(0, 1, 0));
    assertFalse(report.isSound());
    assertTrue(report.json().contains("\"lost\" : 1"), report.json());
  }

  @Test
  void answersThatSayNothingAreUnsound() throws Exception {
    serve(exchange -> answer(exchange, 200, "{}"));
    assertFalse(LoadRun.run(plan(0, 1, 0)).isSound());
  }

  @Test
  void answersOfAnotherKindAreUnsoundAndTheFirstIsShown() throws Exception {
    serve(exchange -> answer(exchange, requests.get() % 2 == 0 ? 404 : 200, EMBEDDING));
    LoadReport report = LoadRun.run(plan(0, 1, 0));
    assertFalse(report.isSound());
    assertTrue(report.text().contains(": 404 " + EMBEDDING), report.text());
  }

  @Test
  void refusalsMustSayWhenToComeBack() throws Exception {
    serve(exchange -> answer(exchange, 429, "{}"));
    assertFalse(LoadRun.run(plan(0, 1, 0)).isSound());
  }

  @Test
  void anOpenLoopDoesNotWaitForAnswers() throws Exception {
    // Nothing is answered until more requests are there than a closed loop would have sent.
    AtomicInteger waiting = new AtomicInteger();
    serve(
        exchange -> {
          int now = waiting.incrementAndGet();
          synchronized (waiting) {
            waiting.notifyAll();
            while (now < 5 && waiting.get() < 5) {
              try {
                waiting.wait();
              } catch (InterruptedException e) {
                throw new IOException(e);
              }
            }
          }
          answer(exchange, 200, EMBEDDING);
        });
    LoadReport report = LoadRun.run(plan(100, 1, 0));
    assertTrue(report.isSound(), report.text());
    assertTrue(requests.get() >= 5);
    assertTrue(report.json().contains("\"recoverySeconds\""), report.json());
  }

  @Test
  void whatComesBeforeTheLoadIsNotCountedInIt() throws Exception {
    serve(exchange -> answer(exchange, 200, EMBEDDING));
    // A nanosecond is over at once: each clip is sent once to warm up, and once alone.
    LoadReport report = LoadRun.run(plan(20, 2, 0, Duration.ofNanos(1)));
    assertTrue(report.isSound(), report.text());
    Comparison comparison = report.comparison().orElseThrow();
    assertEquals(3, comparison.aloneMs().count());
    assertEquals(report.sent(), comparison.slowdown().count());
    // The two callers that warm up may each have sent the last clip; one more request sees when
    // the server has recovered.
    int before = requests.get() - report.sent() - 1;
    assertTrue(before == 6 || before == 7, before + " before the load");
  }

  @Test
  void theProcessorTimeOfBothSidesIsTold() throws Exception {
    serve(exchange -> answer(exchange, 200, EMBEDDING));
    LoadPlan plan = plan(0, 1, 0);
    LoadReport report =
        LoadRun.run(
            new LoadPlan(
                plan.server(),
                plan.model(),
                plan.token(),
                plan.clips(),
                plan.load(),
                plan.warmUp(),
                plan.alone(),
                plan.duration(),
                plan.timeout(),
                0,
                Optional.of(ProcessHandle.current().pid())));
    assertTrue(report.processorTime().client() > 0, report.text());
    // The server is this very process.
    assertTrue(report.processorTime().server().orElseThrow() > 0, report.text());
    assertTrue(report.json().contains("\"serverProcessorSeconds\""), report.json());
  }

  @Test
  void heldConnectionsAreOpenWhileTheLoadRuns() throws Exception {
    serve(exchange -> answer(exchange, 200, EMBEDDING));
    LoadReport report = LoadRun.run(plan(0, 2, 10));
    assertTrue(report.isSound(), report.text());
    assertTrue(
        report.text().contains("10 connections held, 0 times one was closed"), report.text());
  }

  @Test
  void whereNoServerIsNothingIsSent() {
    server.stop(0);
    LoadPlan plan = plan(0, 1, 0);
    ConnectException failure = assertThrows(ConnectException.class, () -> LoadRun.run(plan));
    assertTrue(failure.getMessage().contains(plan.server().toString()), failure.getMessage());
  }

  @Test
  void whatCannotBeALoadIsRefused() {
    LoadPlan good = plan(1, 1, 0);
    assertThrows(
        IllegalArgumentException.class,
        () ->
            new LoadPlan(
                URI.create("ftp://x"),
                good.model(),
                good.token(),
                good.clips(),
                good.load(),
                good.warmUp(),
                good.alone(),
                good.duration(),
                good.timeout(),
                0,
                Optional.empty()));
    assertThrows(IllegalArgumentException.class, () -> plan(-1, 1, 0));
    assertThrows(IllegalArgumentException.class, () -> plan(1, 0, 0));
    assertThrows(IllegalArgumentException.class, () -> plan(1, 1, -1));
  }
}
