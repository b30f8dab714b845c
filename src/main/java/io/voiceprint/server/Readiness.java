package io.voiceprint.server;

/** Whether the server takes requests: its models are warm and it has not been told to stop. */
final class Readiness {
  private final ModelRegistry registry;
  private volatile boolean draining;

  Readiness(ModelRegistry registry) {
    this.registry = registry;
  }

  boolean isReady() {
    return !draining && registry.isReady();
  }

  boolean isDraining() {
    return draining;
  }

  /** From here on, what comes is refused. */
  void drain() {
    draining = true;
  }
}
