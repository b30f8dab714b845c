package io.voiceprint.server;

/**
 * How things stand with a model, in the words of the protocol's repository extension.
 *
 * @param name what clients call it
 * @param state READY, LOADING, UNLOADING or UNAVAILABLE
 * @param reason why, if it is not ready; empty if there is nothing to say
 */
record ModelState(String name, State state, String reason) {
  enum State {
    READY,
    LOADING,
    UNLOADING,
    UNAVAILABLE
  }
}
