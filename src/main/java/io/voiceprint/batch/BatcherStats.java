package io.voiceprint.batch;

/**
 * What a batcher has done, at one moment.
 *
 * @param utterances embeddings computed
 * @param samples audio of these
 * @param failures utterances for which the engine failed
 * @param cancelled utterances whose future was cancelled before they were computed
 * @param batches calls of the engine that succeeded
 * @param busyNanos time spent in the engine, of all lanes together
 * @param waiting utterances in the queue
 * @param running utterances in the engine
 */
public record BatcherStats(
    long utterances,
    long samples,
    long failures,
    long cancelled,
    long batches,
    long busyNanos,
    int waiting,
    int running) {}
