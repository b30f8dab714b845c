package io.voiceprint.engine.cuda;

import io.voiceprint.cuda.MathMode;

/** The {@link GateWeights} of an attentional fusion among a network's constants. */
record GateSlots(
    WeightStore.Slot squeeze,
    WeightStore.Slot squeezeBias,
    WeightStore.Slot expand,
    WeightStore.Slot expandBias) {

  /**
   * The addresses of a fusion's weights; biases in float32.
   *
   * @param squeeze (2 · channels, inner)
   * @param squeezeBias (inner)
   * @param expand (inner, channels)
   * @param expandBias (channels)
   */
  record Addresses(long squeeze, long squeezeBias, long expand, long expandBias) {}

  /**
   * @param layer for messages
   * @param mode format of the matrices
   */
  static GateSlots of(String layer, GateWeights constants, WeightStore weights, MathMode mode) {
    return new GateSlots(
        weights.operands(layer, constants.squeeze(), mode),
        weights.floats(constants.squeezeBias()),
        weights.operands(layer, constants.expand(), mode),
        weights.floats(constants.expandBias()));
  }

  /** Where they lie; known once they were uploaded. */
  Addresses addresses() {
    return new Addresses(
        squeeze.address(), squeezeBias.address(), expand.address(), expandBias.address());
  }
}
