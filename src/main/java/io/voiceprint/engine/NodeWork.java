package io.voiceprint.engine;

import java.util.OptionalLong;

/**
 * What a node of a network makes the device do, counted and not measured.
 *
 * @param launches kernels and calls of libraries; 0 for a view, or work that was fused into a
 *     neighbour
 * @param bytes that the launches read and write, each array of a launch once; empty where one is a
 *     library's, which does not say
 */
public record NodeWork(int launches, OptionalLong bytes) {}
