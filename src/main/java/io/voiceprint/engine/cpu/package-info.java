/**
 * The oneDNN engine: the graph as a list of oneDNN primitives, planned once per bucket of lengths.
 * The only package that knows {@code org.bytedeco}.
 */
package io.voiceprint.engine.cpu;
