package io.voiceprint.server;

import java.util.concurrent.CompletableFuture;

/** Loading and unloading on behalf of clients, if the configuration lets them. */
final class ModelControl {
  private final ModelLoader loader;
  private final boolean allowed;

  ModelControl(ModelLoader loader, boolean allowed) {
    this.loader = loader;
    this.allowed = allowed;
  }

  /**
   * @return done when the model is warm
   * @throws RequestFailure if that is not allowed, or there is no such model
   */
  CompletableFuture<Void> load(String name) {
    requireAllowed();
    return loader
        .load(name)
        .exceptionally(
            failure -> {
              throw new RequestFailure(
                  Fault.UNAVAILABLE, "the model cannot be loaded; the server's log says why");
            });
  }

  /**
   * @return done when its memory is free
   * @throws RequestFailure if that is not allowed, or there is no such model
   */
  CompletableFuture<Void> unload(String name) {
    requireAllowed();
    return loader.unload(name);
  }

  private void requireAllowed() {
    if (!allowed) {
      throw new RequestFailure(
          Fault.FORBIDDEN, "this server does not let clients load models (model-control: true)");
    }
  }
}
