package io.voiceprint.server;

import io.voiceprint.UnusableDeviceException;
import io.voiceprint.UnusableModelException;
import io.voiceprint.VoiceprintException;
import io.voiceprint.server.config.ModelSpec;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * Loads, replaces and unloads models, one at a time, by a thread of its own; requests never wait
 * for that. Thread-safe.
 */
final class ModelLoader {
  /**
   * For what is under way when the server stops; afterwards the end of the process has to do. What
   * stops a process waits for little more than the drain timeout, 15 s more in {@code deploy}.
   */
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final ModelCatalog catalog;
  private final ModelRegistry registry;
  private final Duration longest;
  private final EventLog log;
  private final Set<String> suspected = ConcurrentHashMap.newKeySet();
  private final ExecutorService loader =
      Executors.newSingleThreadExecutor(
          task -> {
            Thread thread = new Thread(task, "voiceprint-models");
            thread.setDaemon(true);
            return thread;
          });
  private volatile boolean stopping;

  /**
   * Loads nothing yet.
   *
   * @param longest utterance that the models take
   */
  ModelLoader(ModelCatalog catalog, ModelRegistry registry, Duration longest, EventLog log) {
    this.catalog = catalog;
    this.registry = registry;
    this.longest = longest;
    this.log = log;
  }

  /** Loads all models that the configuration names; fails with the first failure. */
  CompletableFuture<Void> loadConfigured() {
    return CompletableFuture.allOf(
            catalog.configured().stream()
                .map(this::loadAtStart)
                .toArray(CompletableFuture<?>[]::new))
        .thenRun(registry::started);
  }

  private CompletableFuture<Void> loadAtStart(String name) {
    ModelSpec spec = catalog.get(name);
    registry.loading(name);
    return later(
        () -> {
          if (!stopping) {
            open(spec);
          }
        });
  }

  /**
   * Loads a model, or loads it anew; the old one serves until the new one is warm.
   *
   * @throws RequestFailure if there is none of this name
   */
  CompletableFuture<Void> load(String name) {
    ModelSpec spec = catalog.get(name);
    registry.loading(name);
    return later(
        () -> {
          if (stopping) {
            throw new RequestFailure(Fault.UNAVAILABLE, "the server is stopping");
          }
          open(spec);
        });
  }

  private void open(ModelSpec spec) {
    long start = System.nanoTime();
    ServedModel model;
    try {
      model = ServedModel.open(spec, longest);
    } catch (VoiceprintException e) {
      // Of the machine or the configuration, not of this program: where it was found helps nobody.
      log.modelFailed(spec, e.getMessage());
      registry.failed(spec.name());
      throw unusable(spec, e);
    } catch (RuntimeException | LinkageError | OutOfMemoryError e) {
      log.warning("model " + spec.name() + " cannot be loaded", e);
      registry.failed(spec.name());
      throw unusable(spec, e);
    }
    registry.ready(model).ifPresent(ServedModel::close);
    log.modelLoaded(model, System.nanoTime() - start);
  }

  private static VoiceprintException unusable(ModelSpec spec, Throwable cause) {
    String message = "model %s cannot be loaded: %s".formatted(spec.name(), cause.getMessage());
    return cause instanceof UnusableDeviceException
        ? new UnusableDeviceException(message, cause)
        : new UnusableModelException(
            "%s; give %s a weight file that `voiceprint info` can read (--model %s=FILE, or under models: in the configuration file)"
                .formatted(message, spec.name(), spec.name()),
            cause);
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
                if (!stopping && registry.serves(model) && !model.works()) {
                  replace(model);
                }
              });
    }
  }

  private void replace(ServedModel model) {
    registry.broken(model);
    log.warning("model " + model.name() + " is loaded anew, since its device failed");
    model.close();
    open(model.spec());
  }

  /**
   * Stops serving a model; what it has accepted is still computed. The future is done when its
   * memory is free.
   *
   * @throws RequestFailure if there is none of this name
   */
  CompletableFuture<Void> unload(String name) {
    if (!registry.isReady(name)) {
      var unused = catalog.get(name);
    }
    return later(
        () -> {
          registry
              .unloading(name)
              .ifPresent(
                  old -> {
                    old.close();
                    log.modelUnloaded(name);
                  });
          registry.unloaded(name);
        });
  }

  /** What waits to be loaded will not be: nobody could use it any more. */
  void stop() {
    stopping = true;
  }

  private CompletableFuture<Void> later(Runnable task) {
    return CompletableFuture.runAsync(task, loader);
  }

  /** Closes all models once what was asked before is done, as far as {@link #PATIENCE} suffices. */
  void close() {
    later(
            () ->
                registry
                    .models()
                    .forEach(
                        model -> registry.unloading(model.name()).ifPresent(ServedModel::close)))
        .completeOnTimeout(null, PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
        .join();
    loader.shutdown();
  }
}
