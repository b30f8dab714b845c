package io.voiceprint.server;

import com.fasterxml.jackson.core.JsonGenerator;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.server.ServerBuilder;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.voiceprint.Embedding;
import io.voiceprint.EmbeddingResult;
import io.voiceprint.Priority;
import io.voiceprint.UnusableAudioException;
import io.voiceprint.audio.AudioWarning;
import java.io.IOException;
import java.util.List;
import java.util.OptionalDouble;
import java.util.concurrent.CompletableFuture;

/** The HTTP API for people and curl: {@code /v1}. */
final class PlainApi {
  private static final String MODEL = "model";

  private final ModelRegistry registry;
  private final EmbeddingPipeline pipeline;

  PlainApi(ModelRegistry registry, EmbeddingPipeline pipeline) {
    this.registry = registry;
    this.pipeline = pipeline;
  }

  void addTo(ServerBuilder server) {
    server.route().post("/v1/embeddings").build(this::embeddings);
    server.route().post("/v1/verify").build(this::verify);
    server.route().get("/v1/models").build((context, request) -> models());
  }

  private ServedModel model(ServiceRequestContext context) {
    String name = context.queryParam(MODEL);
    ServedModel model = registry.get(name == null ? "" : name);
    model.requireRoom();
    return model;
  }

  private static Priority priority(ServiceRequestContext context) {
    String priority = context.queryParam("priority");
    return priority == null ? Priority.NORMAL : RequestTerms.priority(priority);
  }

  private HttpResponse embeddings(ServiceRequestContext context, HttpRequest request) {
    ServedModel model = model(context);
    boolean form = AudioBodies.isForm(request);
    return HttpResponse.of(
        AudioBodies.read(request, pipeline.mostClips(), pipeline.decoders())
            .thenComposeAsync(
                clips -> embeddings(registry.current(model), clips, context, form),
                pipeline.decoders()));
  }

  private CompletableFuture<HttpResponse> embeddings(
      ServedModel model, List<Clip> clips, ServiceRequestContext context, boolean form) {
    return pipeline
        .embed(model, clips, priority(context), context)
        .thenApply(results -> embeddings(model, clips, results, form));
  }

  /**
   * A file of a form that has no embedding says so in its own place. If none has one, and that is
   * not the audio's fault, or if there is but one file, it is the request that failed.
   */
  private static HttpResponse embeddings(
      ServedModel model, List<Clip> clips, List<EmbeddingResult> results, boolean form) {
    boolean some = results.stream().anyMatch(EmbeddingResult.Success.class::isInstance);
    if (!some) {
      for (EmbeddingResult result : results) {
        var failure = (EmbeddingResult.Failure) result;
        if (!form || !(failure.reason() instanceof UnusableAudioException)) {
          throw RequestFailure.of(failure.reason());
        }
      }
    }
    return Answers.json(
        json -> {
          json.writeStartObject();
          json.writeStringField(MODEL, model.name());
          json.writeArrayFieldStart("embeddings");
          for (int i = 0; i < results.size(); i++) {
            write(json, clips.get(i).name(), results.get(i));
          }
          json.writeEndArray();
          json.writeEndObject();
        });
  }

  private static void write(JsonGenerator json, String name, EmbeddingResult result)
      throws IOException {
    json.writeStartObject();
    json.writeStringField("name", name);
    if (result instanceof EmbeddingResult.Success success) {
      Embedding embedding = success.embedding();
      json.writeNumberField("seconds", embedding.seconds());
      if (!embedding.warnings().isEmpty()) {
        json.writeArrayFieldStart("warnings");
        for (AudioWarning warning : embedding.warnings()) {
          json.writeString(warning.message());
        }
        json.writeEndArray();
      }
      json.writeFieldName("embedding");
      JsonBody.floats(json, embedding.values());
    } else {
      var failure = (EmbeddingResult.Failure) result;
      json.writeStringField("error", failure.reason().getMessage());
    }
    json.writeEndObject();
  }

  private HttpResponse verify(ServiceRequestContext context, HttpRequest request) {
    ServedModel model = model(context);
    return HttpResponse.of(
        AudioBodies.read(request, List.of("a", "b"), pipeline.decoders())
            .thenComposeAsync(
                clips ->
                    pipeline.embedAll(registry.current(model), clips, priority(context), context),
                pipeline.decoders())
            .thenApply(pair -> verify(model, pair.get(0).cosine(pair.get(1)))));
  }

  private static HttpResponse verify(ServedModel model, double score) {
    OptionalDouble threshold = model.encoder().modelInfo().threshold();
    return Answers.json(
        json -> {
          json.writeStartObject();
          json.writeStringField(MODEL, model.name());
          json.writeNumberField("score", score);
          if (threshold.isPresent()) {
            json.writeNumberField("threshold", threshold.getAsDouble());
            json.writeBooleanField("same", score >= threshold.getAsDouble());
          }
          json.writeEndObject();
        });
  }

  private HttpResponse models() {
    return Answers.json(
        json -> {
          json.writeStartObject();
          json.writeArrayFieldStart("models");
          for (ModelState state : registry.states()) {
            write(json, state);
          }
          json.writeEndArray();
          json.writeEndObject();
        });
  }

  private void write(JsonGenerator json, ModelState state) throws IOException {
    json.writeStartObject();
    json.writeStringField("name", state.name());
    json.writeBooleanField("ready", state.state() == ModelState.State.READY);
    for (ServedModel model : registry.models()) {
      if (model.name().equals(state.name())) {
        json.writeStringField("architecture", model.encoder().modelInfo().architecture());
        json.writeStringField("device", model.encoder().device());
        json.writeStringField("precision", JsonBody.lower(model.encoder().precision()));
        json.writeNumberField("embeddingSize", model.encoder().limits().embeddingSize());
        json.writeNumberField("sampleRate", model.encoder().limits().sampleRate());
        json.writeNumberField("minSeconds", model.encoder().limits().minSeconds());
        OptionalDouble threshold = model.encoder().modelInfo().threshold();
        if (threshold.isPresent()) {
          json.writeNumberField("threshold", threshold.getAsDouble());
        }
      }
    }
    json.writeEndObject();
  }
}
