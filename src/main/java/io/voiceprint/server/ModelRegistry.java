package io.voiceprint.server;

import io.voiceprint.UnusableDeviceException;
import io.voiceprint.UnusableModelException;
import io.voiceprint.VoiceprintException;
import io.voiceprint.server.ModelState.State;
import io.voiceprint.server.config.ModelFolder;
import io.voiceprint.server.config.ModelSpec;
import io.voiceprint.server.config.ServerConfig;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/**
 * The models that can be served, and those that are. They are loaded and unloaded one at a time, by
 * a thread of its own; requests never wait for that. A model is loaded only if the configuration
 * names it or its file lies in the configured folder: names are looked up, never resolved as paths.
 * Thread-safe.
 */
final class ModelRegistry implements AutoCloseable {
  private final Map<String, ModelSpec> configured = new LinkedHashMap<>();
  private final Optional<ModelFolder> folder;
  private final Duration longest;
  private final EventLog log;
  private final Map<String, ModelState> states = new TreeMap<>();
  private final Map<String, ServedModel> loaded = new TreeMap<>();
  private final Set<String> suspected = ConcurrentHashMap.newKeySet();
  private boolean started;
  private final ExecutorService loader =
      Executors.newSingleThreadExecutor(
          task -> {
            Thread thread = new Thread(task, "voiceprint-models");
            thread.setDaemon(true);
            return thread;
          });

  /** Loads nothing yet. */
  ModelRegistry(ServerConfig config, EventLog log) {
    config.models().forEach(spec -> configured.put(spec.name(), spec));
    this.folder = config.folder();
    this.longest = config.limits().audio();
    this.log = log;
    for (String name : configured.keySet()) {
      states.put(name, new ModelState(name, State.UNAVAILABLE, "not loaded"));
    }
  }

  /** Loads all models that the configuration names; fails with the first failure. */
  CompletableFuture<Void> loadConfigured() {
    return CompletableFuture.allOf(
            configured.keySet().stream().map(this::load).toArray(CompletableFuture<?>[]::new))
        .thenRun(
            () -> {
              synchronized (states) {
                started = true;
              }
            });
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
    synchronized (states) {
      model = loaded.get(wanted);
      state = states.get(wanted);
    }
    if (model != null) {
      return model;
    }
    if (state == null && spec(wanted).isEmpty()) {
      throw unknown();
    }
    String why = state == null ? "not loaded" : (state.state() + " " + state.reason()).strip();
    throw new RequestFailure(Fault.UNAVAILABLE, "model %s is not ready: %s".formatted(wanted, why));
  }

  private String defaultName() {
    synchronized (states) {
      if (loaded.size() == 1) {
        return loaded.keySet().iterator().next();
      }
    }
    return configured.keySet().stream().findFirst().orElseThrow(ModelRegistry::unknown);
  }

  private static RequestFailure unknown() {
    return new RequestFailure(Fault.NOT_FOUND, "no such model; GET /v1/models lists them");
  }

  /** Whether this model can answer. */
  boolean isReady(String name) {
    synchronized (states) {
      return loaded.containsKey(name);
    }
  }

  /** Whether a model of this name is known, ready or not. */
  boolean isKnown(String name) {
    synchronized (states) {
      if (states.containsKey(name)) {
        return true;
      }
    }
    return spec(name).isPresent();
  }

  /** Whether the models of the configuration were loaded, and there is one to answer. */
  boolean isReady() {
    synchronized (states) {
      return started && (configured.isEmpty() || !loaded.isEmpty());
    }
  }

  /** The models that are loaded. */
  List<ServedModel> models() {
    synchronized (states) {
      return List.copyOf(loaded.values());
    }
  }

  /** All models that are known, those of the folder included, by name. */
  List<ModelState> states() {
    Map<String, ModelState> all = new TreeMap<>();
    for (String name : available().keySet()) {
      all.put(name, new ModelState(name, State.UNAVAILABLE, "not loaded"));
    }
    synchronized (states) {
      all.putAll(states);
    }
    return new ArrayList<>(all.values());
  }

  private Map<String, ModelSpec> available() {
    Map<String, ModelSpec> available = new TreeMap<>();
    try {
      folder.ifPresent(models -> available.putAll(models.models()));
    } catch (UncheckedIOException e) {
      log.warning("the model folder cannot be read", e);
    }
    available.putAll(configured);
    return available;
  }

  private Optional<ModelSpec> spec(String name) {
    return Optional.ofNullable(available().get(name));
  }

  /**
   * Loads a model, or loads it anew; the old one serves until the new one is warm.
   *
   * @throws RequestFailure if there is none of this name
   */
  CompletableFuture<Void> load(String name) {
    ModelSpec spec = spec(name).orElseThrow(ModelRegistry::unknown);
    synchronized (states) {
      if (!loaded.containsKey(name)) {
        states.put(name, new ModelState(name, State.LOADING, ""));
      }
    }
    return later(
        () -> {
          open(spec);
          return null;
        });
  }

  private void open(ModelSpec spec) {
    long start = System.nanoTime();
    ServedModel model;
    try {
      model = ServedModel.open(spec, longest);
    } catch (RuntimeException | LinkageError | OutOfMemoryError e) {
      log.warning("model " + spec.name() + " cannot be loaded", e);
      synchronized (states) {
        if (!loaded.containsKey(spec.name())) {
          String reason = "loading failed; the server's log says why";
          states.put(spec.name(), new ModelState(spec.name(), State.UNAVAILABLE, reason));
        }
      }
      throw unusable(spec.name(), e);
    }
    ServedModel old;
    synchronized (states) {
      old = loaded.put(spec.name(), model);
      states.put(spec.name(), new ModelState(spec.name(), State.READY, ""));
    }
    log.modelLoaded(model, System.nanoTime() - start);
    if (old != null) {
      old.close();
    }
  }

  private static VoiceprintException unusable(String name, Throwable cause) {
    String message = "model %s: %s".formatted(name, cause.getMessage());
    return cause instanceof UnusableDeviceException
        ? new UnusableDeviceException(message, cause)
        : new UnusableModelException(message, cause);
  }

  /**
   * Looks after a model whose device has just failed: if it cannot even compute noise, it is closed
   * and loaded anew, and is not ready meanwhile.
   */
  void suspect(ServedModel model) {
    if (suspected.add(model.name())) {
      var unused =
          later(
              () -> {
                suspected.remove(model.name());
                replaceIfBroken(model);
                return null;
              });
    }
  }

  private void replaceIfBroken(ServedModel model) {
    synchronized (states) {
      if (!model.equals(loaded.get(model.name()))) {
        return;
      }
    }
    if (model.works()) {
      return;
    }
    synchronized (states) {
      loaded.remove(model.name());
      states.put(model.name(), new ModelState(model.name(), State.LOADING, "its device failed"));
    }
    log.warning("model " + model.name() + " is loaded anew, since its device failed");
    model.close();
    open(model.spec());
  }

  /**
   * Stops serving a model, at once; what it has accepted is still computed. The future is done when
   * its memory is free.
   *
   * @throws RequestFailure if there is none of this name
   */
  CompletableFuture<Void> unload(String name) {
    if (!isKnown(name)) {
      throw unknown();
    }
    return later(
        () -> {
          ServedModel old;
          synchronized (states) {
            old = loaded.remove(name);
            if (old != null) {
              states.put(name, new ModelState(name, State.UNLOADING, ""));
            }
          }
          if (old != null) {
            old.close();
            log.modelUnloaded(name);
          }
          synchronized (states) {
            states.remove(name);
          }
          return null;
        });
  }

  private CompletableFuture<Void> later(Supplier<Void> task) {
    return CompletableFuture.supplyAsync(task, loader);
  }

  /** Closes all models, when what was asked of the loader is done. */
  @Override
  public void close() {
    later(
            () -> {
              models().forEach(ServedModel::close);
              synchronized (states) {
                loaded.clear();
              }
              return null;
            })
        .join();
    loader.shutdown();
  }
}
