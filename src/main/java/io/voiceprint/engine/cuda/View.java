package io.voiceprint.engine.cuda;

/**
 * A range of channels of an NHWC image in device memory: element (pixel, c) lies at {@code address
 * + (pixel · stride + c)} elements.
 *
 * @param address of the first channel of the first pixel
 * @param stride elements from pixel to pixel
 */
record View(long address, int stride) {}
