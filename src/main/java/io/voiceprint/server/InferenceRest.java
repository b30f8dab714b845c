package io.voiceprint.server;

import com.fasterxml.jackson.core.JsonGenerator;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.server.ServerBuilder;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.voiceprint.server.InferenceMetadata.TensorSpec;
import io.voiceprint.server.tensor.InferRequest;
import io.voiceprint.server.tensor.InferRequestReader;
import io.voiceprint.server.tensor.TensorException;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** The Open Inference Protocol over REST, with binary tensor data: {@code /v2}. */
final class InferenceRest {
  static final String HEADER_LENGTH = "inference-header-content-length";
  private static final String MODEL = "/v2/models/{model}";
  private static final String VERSION = MODEL + "/versions/{version}";

  private final ModelRegistry registry;
  private final EmbeddingPipeline pipeline;
  private final Readiness readiness;

  InferenceRest(ModelRegistry registry, EmbeddingPipeline pipeline, Readiness readiness) {
    this.registry = registry;
    this.pipeline = pipeline;
    this.readiness = readiness;
  }

  void addTo(ServerBuilder server) {
    server
        .route()
        .get("/v2/health/live")
        .build((context, request) -> state(HttpStatus.OK, "live", true));
    server.route().get("/v2/health/ready").build((context, request) -> ready());
    server.route().get("/v2").build((context, request) -> serverMetadata());
    for (String model : List.of(MODEL, VERSION)) {
      server.route().get(model).build(this::modelMetadata);
      server.route().get(model + "/ready").build(this::modelReady);
      server.route().post(model + "/infer").build(this::infer);
    }
  }

  private HttpResponse ready() {
    boolean ready = readiness.isReady();
    return state(ready ? HttpStatus.OK : HttpStatus.SERVICE_UNAVAILABLE, "ready", ready);
  }

  /** Triton's clients go by the status, KServe's by what the body says. */
  private static HttpResponse state(HttpStatus status, String name, boolean holds) {
    byte[] body =
        JsonBody.of(
            json -> {
              json.writeStartObject();
              json.writeBooleanField(name, holds);
              json.writeEndObject();
            });
    return HttpResponse.of(status, MediaType.JSON, HttpData.wrap(body));
  }

  private static HttpResponse serverMetadata() {
    return Answers.json(
        json -> {
          json.writeStartObject();
          json.writeStringField("name", InferenceMetadata.SERVER);
          json.writeStringField("version", InferenceMetadata.version());
          json.writeArrayFieldStart("extensions");
          for (String extension : InferenceMetadata.EXTENSIONS) {
            json.writeString(extension);
          }
          json.writeEndArray();
          json.writeEndObject();
        });
  }

  private ServedModel model(ServiceRequestContext context) {
    requireVersion(context);
    return registry.get(context.pathParam("model"));
  }

  private static void requireVersion(ServiceRequestContext context) {
    String version = context.pathParams().get("version");
    InferenceMetadata.requireVersion(version == null ? "" : version);
  }

  private HttpResponse modelReady(ServiceRequestContext context, HttpRequest request) {
    ServedModel model = model(context);
    return Answers.json(
        json -> {
          json.writeStartObject();
          json.writeStringField("name", model.name());
          json.writeBooleanField("ready", true);
          json.writeEndObject();
        });
  }

  private HttpResponse modelMetadata(ServiceRequestContext context, HttpRequest request) {
    ServedModel model = model(context);
    return Answers.json(
        json -> {
          json.writeStartObject();
          json.writeStringField("name", model.name());
          json.writeArrayFieldStart("versions");
          json.writeString(ServedModel.VERSION);
          json.writeEndArray();
          json.writeStringField("platform", InferenceMetadata.PLATFORM);
          writeTensors(json, "inputs", InferenceMetadata.inputs());
          writeTensors(json, "outputs", InferenceMetadata.outputs(model));
          json.writeEndObject();
        });
  }

  private static void writeTensors(JsonGenerator json, String name, List<TensorSpec> tensors)
      throws IOException {
    json.writeArrayFieldStart(name);
    for (TensorSpec tensor : tensors) {
      json.writeStartObject();
      json.writeStringField("name", tensor.name());
      json.writeStringField("datatype", tensor.datatype());
      JsonBody.numbers(json, "shape", tensor.shape());
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private HttpResponse infer(ServiceRequestContext context, HttpRequest request) {
    ServedModel model = model(context);
    model.requireRoom();
    AudioBodies.requireNotEncoded(request);
    Optional<Integer> jsonLength = jsonLength(request);
    return HttpResponse.of(
        request
            .aggregate()
            .thenComposeAsync(
                body -> infer(registry.current(model), context, body.content().array(), jsonLength),
                pipeline.decoders()));
  }

  private CompletableFuture<HttpResponse> infer(
      ServedModel model, ServiceRequestContext context, byte[] body, Optional<Integer> jsonLength) {
    InferRequest infer = InferRequestReader.read(body, jsonLength);
    RequestTerms terms = RequestTerms.of(infer);
    terms.apply(context);
    int rate = model.encoder().limits().sampleRate();
    List<Clip> clips = InferenceInputs.clips(infer, rate, pipeline.mostClips());
    return pipeline
        .embedAll(model, clips, terms.priority(), context)
        .thenApply(embeddings -> InferAnswer.of(model, infer, embeddings));
  }

  private static Optional<Integer> jsonLength(HttpRequest request) {
    String said = request.headers().get(HEADER_LENGTH);
    if (said == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(Integer.parseInt(said.strip()));
    } catch (NumberFormatException e) {
      throw new TensorException("Inference-Header-Content-Length is not a number of bytes");
    }
  }
}
