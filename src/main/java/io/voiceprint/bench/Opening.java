package io.voiceprint.bench;

/**
 * What it takes to begin, in a process that runs already.
 *
 * @param openMs to open the model
 * @param firstCallMs of the first call after that
 */
record Opening(double openMs, double firstCallMs) {}
