package io.voiceprint.server;

import io.voiceprint.server.config.ModelFolder;
import io.voiceprint.server.config.ModelSpec;
import io.voiceprint.server.config.ServerConfig;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The models that could be served: those that the configuration names, and those whose files lie in
 * the configured folder. Names are looked up, never resolved as paths. Thread-safe.
 */
final class ModelCatalog {
  private final Map<String, ModelSpec> configured = new LinkedHashMap<>();
  private final Optional<ModelFolder> folder;
  private final EventLog log;

  ModelCatalog(ServerConfig config, EventLog log) {
    config.models().forEach(spec -> configured.put(spec.name(), spec));
    this.folder = config.folder();
    this.log = log;
  }

  /** Names of the models that are loaded when the server starts, in the configuration's order. */
  List<String> configured() {
    return List.copyOf(configured.keySet());
  }

  /** All there are now, by name. */
  Map<String, ModelSpec> all() {
    Map<String, ModelSpec> all = new TreeMap<>();
    try {
      folder.ifPresent(models -> all.putAll(models.models()));
    } catch (UncheckedIOException e) {
      log.warning("the model folder cannot be read", e);
    }
    all.putAll(configured);
    return all;
  }

  /** The model of this name, if there is one. */
  Optional<ModelSpec> find(String name) {
    ModelSpec named = configured.get(name);
    return Optional.ofNullable(named == null ? all().get(name) : named);
  }

  /**
   * The model of this name.
   *
   * @throws RequestFailure if there is none
   */
  ModelSpec get(String name) {
    return find(name).orElseThrow(ModelCatalog::unknown);
  }

  static RequestFailure unknown() {
    return new RequestFailure(Fault.NOT_FOUND, "no such model; GET /v1/models lists them");
  }
}
