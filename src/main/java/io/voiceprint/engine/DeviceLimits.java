package io.voiceprint.engine;

/**
 * What a device was measured to achieve, whatever runs on it.
 *
 * @param bytesPerSecond of its memory, reads and writes together
 * @param how the operation with which that was measured
 * @param launchNanos of a launch that does next to nothing, timed as {@link Engine#nodeNanos} times
 * @param graphLaunchNanos of the same as one of many in a CUDA graph, each after the one before,
 *     which is how a pass runs
 */
public record DeviceLimits(
    double bytesPerSecond, String how, double launchNanos, double graphLaunchNanos) {}
