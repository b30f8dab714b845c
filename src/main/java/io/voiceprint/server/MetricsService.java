package io.voiceprint.server;

import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.server.ServerBuilder;
import io.voiceprint.EncoderStats;
import io.voiceprint.engine.DeviceMemory;
import io.voiceprint.metrics.Distribution;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.IntSupplier;
import java.util.function.ToDoubleFunction;

/** {@code /metrics}, for Prometheus: what the requests, the models and the process are doing. */
final class MetricsService {
  private static final String MODEL = "model";
  private static final MediaType FORMAT =
      MediaType.parse("text/plain; version=0.0.4; charset=utf-8");

  private final ModelRegistry registry;
  private final EmbeddingPipeline pipeline;
  private final RequestMetrics requests;
  private final UploadBudget uploads;
  private final IntSupplier connections;

  MetricsService(
      ModelRegistry registry,
      EmbeddingPipeline pipeline,
      RequestMetrics requests,
      UploadBudget uploads,
      IntSupplier connections) {
    this.registry = registry;
    this.pipeline = pipeline;
    this.requests = requests;
    this.uploads = uploads;
    this.connections = connections;
  }

  void addTo(ServerBuilder server) {
    server
        .route()
        .get("/metrics")
        .build(
            (context, request) -> HttpResponse.of(HttpStatus.OK, FORMAT, HttpData.ofUtf8(text())));
  }

  private String text() {
    PrometheusText text = new PrometheusText();
    requests(text);
    process(text);
    models(text);
    devices(text);
    return text.toString();
  }

  private void requests(PrometheusText text) {
    String total = "voiceprint_requests_total";
    text.family(
        total,
        "counter",
        "Requests by route and status, 0 if the client left before; gRPC's own where it is gRPC.");
    requests.counts().forEach((key, count) -> text.sample(total, (double) count, key.labels()));
    String seconds = "voiceprint_request_seconds";
    text.family(seconds, "histogram", "Time from the head of a request to its answer.");
    requests
        .durations()
        .forEach((route, values) -> text.histogram(seconds, values, "route", route));
  }

  private void process(PrometheusText text) {
    gauge(text, "voiceprint_connections", "Open connections.", connections.getAsInt());
    gauge(
        text,
        "voiceprint_requests_running",
        "Requests being decoded or computed.",
        pipeline.running());
    gauge(text, "voiceprint_decode_waiting", "Requests waiting to be decoded.", pipeline.waiting());
    gauge(text, "voiceprint_upload_bytes", "Bodies held in memory.", (double) uploads.held());
    Runtime runtime = Runtime.getRuntime();
    gauge(
        text,
        "voiceprint_heap_bytes",
        "Java heap in use.",
        (double) (runtime.totalMemory() - runtime.freeMemory()));
  }

  private static void gauge(PrometheusText text, String name, String help, double value) {
    text.family(name, "gauge", help).sample(name, value);
  }

  private void models(PrometheusText text) {
    String ready = "voiceprint_model_ready";
    text.family(ready, "gauge", "1 if the model answers requests.");
    for (ModelState state : registry.states()) {
      text.sample(ready, state.state() == ModelState.State.READY ? 1 : 0, MODEL, state.name());
    }
    Map<String, EncoderStats> stats = new LinkedHashMap<>();
    registry.models().forEach(model -> stats.put(model.name(), model.encoder().stats()));
    Models models = new Models(text, stats);
    models.counter("utterances", "Embeddings computed.", EncoderStats::utterances);
    models.counter("audio_seconds", "Audio of these.", EncoderStats::audioSeconds);
    models.counter("failures", "Utterances the engine failed for.", EncoderStats::failures);
    models.counter("cancelled", "Utterances whose client gave up.", EncoderStats::cancelled);
    models.counter("expired", "Utterances whose time was over.", EncoderStats::expired);
    models.counter("rejected", "Utterances the queue had no room for.", EncoderStats::rejected);
    models.counter("batches", "Passes of the network.", EncoderStats::batches);
    models.counter("busy_seconds", "Time in the engines.", EncoderStats::busySeconds);
    models.counter("audio_columns", "Frames of the utterances.", EncoderStats::audioColumns);
    models.counter("computed_columns", "Frames with padding.", EncoderStats::computedColumns);
    models.gauge("padding_share", "Share that is padding.", EncoderStats::paddingShare);
    models.gauge("queue_waiting", "Utterances in the queue.", EncoderStats::waiting);
    models.gauge("queue_running", "Utterances in the engines.", EncoderStats::running);
    models.histogram("queue_seconds", "Time in the queue.", EncoderStats::queueSeconds);
    models.histogram("compute_seconds", "Time of a pass.", EncoderStats::computeSeconds);
    models.histogram("batch_utterances", "Utterances of a pass.", EncoderStats::batchUtterances);
  }

  private void devices(PrometheusText text) {
    Map<String, DeviceMemory> devices = new TreeMap<>();
    for (ServedModel model : registry.models()) {
      model.encoder().deviceMemory().forEach(memory -> devices.put(memory.device(), memory));
    }
    String free = "voiceprint_device_memory_free_bytes";
    text.family(free, "gauge", "Device memory that nobody uses.");
    devices.forEach(
        (device, memory) -> text.sample(free, (double) memory.freeBytes(), "device", device));
    String total = "voiceprint_device_memory_total_bytes";
    text.family(total, "gauge", "Device memory.");
    devices.forEach(
        (device, memory) -> text.sample(total, (double) memory.totalBytes(), "device", device));
  }

  /** Families of which each model has a sample. */
  private record Models(PrometheusText text, Map<String, EncoderStats> stats) {
    private static final String PREFIX = "voiceprint_model_";

    void counter(String name, String help, ToDoubleFunction<EncoderStats> value) {
      samples(PREFIX + name + "_total", "counter", help, value);
    }

    void gauge(String name, String help, ToDoubleFunction<EncoderStats> value) {
      samples(PREFIX + name, "gauge", help, value);
    }

    private void samples(
        String name, String type, String help, ToDoubleFunction<EncoderStats> value) {
      text.family(name, type, help);
      stats.forEach(
          (model, figures) -> text.sample(name, value.applyAsDouble(figures), MODEL, model));
    }

    void histogram(String name, String help, Function<EncoderStats, Distribution> value) {
      text.family(PREFIX + name, "histogram", help);
      stats.forEach(
          (model, figures) -> text.histogram(PREFIX + name, value.apply(figures), MODEL, model));
    }
  }
}
