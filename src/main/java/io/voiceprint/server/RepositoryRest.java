package io.voiceprint.server;

import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.server.ServerBuilder;
import com.linecorp.armeria.server.ServiceRequestContext;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** The model repository extension of the Open Inference Protocol: {@code /v2/repository}. */
final class RepositoryRest {
  /** A network of a gigabyte takes its time, on a GPU that compiles kernels first even more. */
  private static final Duration LOADING = Duration.ofMinutes(10);

  private final ModelRegistry registry;
  private final ModelControl control;

  RepositoryRest(ModelRegistry registry, ModelControl control) {
    this.registry = registry;
    this.control = control;
  }

  void addTo(ServerBuilder server) {
    server.route().post("/v2/repository/index").build((context, request) -> index());
    String model = "/v2/repository/models/{model}";
    server.route().post(model + "/load").requestTimeout(LOADING).build(this::load);
    server.route().post(model + "/unload").requestTimeout(LOADING).build(this::unload);
  }

  private HttpResponse index() {
    List<ModelState> states = registry.states();
    return Answers.json(
        json -> {
          json.writeStartArray();
          for (ModelState state : states) {
            json.writeStartObject();
            json.writeStringField("name", state.name());
            json.writeStringField("version", ServedModel.VERSION);
            json.writeStringField("state", state.state().name());
            json.writeStringField("reason", state.reason());
            json.writeEndObject();
          }
          json.writeEndArray();
        });
  }

  /** Whatever a body asks for (another configuration, files) is not looked at. */
  private HttpResponse load(ServiceRequestContext context, HttpRequest request) {
    return done(request, control.load(context.pathParam("model")));
  }

  private HttpResponse unload(ServiceRequestContext context, HttpRequest request) {
    return done(request, control.unload(context.pathParam("model")));
  }

  private static HttpResponse done(HttpRequest request, CompletableFuture<Void> task) {
    return HttpResponse.of(
        request.aggregate().thenCombine(task, (body, nothing) -> Answers.empty()));
  }
}
