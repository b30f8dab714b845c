package io.voiceprint.server;

import io.voiceprint.server.ModelState.State;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The models that are served, and how things stand with the others. {@link ModelLoader} changes it;
 * requests look things up and never wait. Thread-safe.
 */
final class ModelRegistry {
  private final ModelCatalog catalog;
  private final Map<String, ModelState> states = new TreeMap<>();
  private final Map<String, ServedModel> loaded = new TreeMap<>();
  private boolean started;

  /** Serves nothing yet. */
  ModelRegistry(ModelCatalog catalog) {
    this.catalog = catalog;
  }

  /**
   * The model that a request means.
   *
   * @param name empty for the only one that is loaded, or the first that is configured
   * @throws RequestFailure if there is none of this name, or it is not ready
   */
  ServedModel get(String name) {
    String wanted = name.isEmpty() ? defaultName() : name;
    ServedModel model;
    ModelState state;
    synchronized (this) {
      model = loaded.get(wanted);
      state = states.get(wanted);
    }
    if (model != null) {
      return model;
    }
    if (state == null && catalog.find(wanted).isEmpty()) {
      throw ModelCatalog.unknown();
    }
    String why = state == null ? "not loaded" : (state.state() + " " + state.reason()).strip();
    throw new RequestFailure(Fault.UNAVAILABLE, "model %s is not ready: %s".formatted(wanted, why));
  }

  /**
   * What serves under a model's name by now: it may have been loaded anew while a body came in.
   *
   * @throws RequestFailure if it is no longer ready
   */
  ServedModel current(ServedModel model) {
    return get(model.name());
  }

  private synchronized String defaultName() {
    return loaded.size() == 1
        ? loaded.keySet().iterator().next()
        : catalog.configured().stream().findFirst().orElseThrow(this::unnamed);
  }

  private RequestFailure unnamed() {
    return new RequestFailure(
        Fault.NOT_FOUND,
        loaded.isEmpty()
            ? "no model is loaded; GET /v1/models lists what there is"
            : "several models are loaded; name one of those that GET /v1/models lists");
  }

  /** Whether this model can answer. */
  synchronized boolean isReady(String name) {
    return loaded.containsKey(name);
  }

  /** Whether the models of the configuration were loaded, and there is one to answer. */
  synchronized boolean isReady() {
    return started && (catalog.configured().isEmpty() || !loaded.isEmpty());
  }

  /** Whether it is this very model that is served under its name. */
  synchronized boolean serves(ServedModel model) {
    return model.equals(loaded.get(model.name()));
  }

  /** The models that are loaded. */
  synchronized List<ServedModel> models() {
    return List.copyOf(loaded.values());
  }

  /** All models that are known, those of the folder included, by name. */
  List<ModelState> states() {
    Map<String, ModelState> all = new TreeMap<>();
    for (String name : catalog.all().keySet()) {
      all.put(name, new ModelState(name, State.UNAVAILABLE, "not loaded"));
    }
    synchronized (this) {
      all.putAll(states);
    }
    return new ArrayList<>(all.values());
  }

  /** All models of the configuration are loaded. */
  synchronized void started() {
    started = true;
  }

  /** A model will be loaded; one of that name that is served goes on. */
  synchronized void loading(String name) {
    if (!loaded.containsKey(name)) {
      states.put(name, new ModelState(name, State.LOADING, ""));
    }
  }

  /** Serves a model from now on; returns the one that it replaces, to be closed. */
  synchronized Optional<ServedModel> ready(ServedModel model) {
    states.put(model.name(), new ModelState(model.name(), State.READY, ""));
    return Optional.ofNullable(loaded.put(model.name(), model));
  }

  /** A model could not be loaded; one of that name that is served goes on. */
  synchronized void failed(String name) {
    if (!loaded.containsKey(name)) {
      String reason = "loading failed; the server's log says why";
      states.put(name, new ModelState(name, State.UNAVAILABLE, reason));
    }
  }

  /** Serves a model no more, since it is loaded anew. */
  synchronized void broken(ServedModel model) {
    loaded.remove(model.name());
    states.put(model.name(), new ModelState(model.name(), State.LOADING, "its device failed"));
  }

  /** Serves a model no more; returns it, to be closed, if it was served. */
  synchronized Optional<ServedModel> unloading(String name) {
    Optional<ServedModel> old = Optional.ofNullable(loaded.remove(name));
    if (old.isPresent()) {
      states.put(name, new ModelState(name, State.UNLOADING, ""));
    }
    return old;
  }

  /** A model is closed: it is as if it had never been loaded. */
  synchronized void unloaded(String name) {
    states.remove(name);
  }
}
