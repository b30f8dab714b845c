package io.voiceprint.engine.cuda;

/**
 * What a convolution works on.
 *
 * @param residual added before the activation, or {@code null}; may be {@code y}
 */
record ConvCall(View x, View residual, View y) {}
