package io.voiceprint.batch;

import io.voiceprint.metrics.Distribution;

/**
 * What a batcher has done, at one moment.
 *
 * @param utterances embeddings computed
 * @param samples audio of these
 * @param failures utterances for which the engine failed
 * @param cancelled utterances whose future was cancelled before they were computed
 * @param expired utterances whose deadline passed before their embedding was there
 * @param rejected utterances refused for want of room
 * @param batches calls of the engine that succeeded
 * @param frames of the utterances computed
 * @param columns computed for these, with all padding
 * @param busyNanos time spent in the engines, of all lanes together
 * @param waiting utterances in the queue
 * @param running utterances in the engines
 * @param queueSeconds time in the queue, of each utterance that was computed
 * @param computeSeconds time of each call of an engine that succeeded
 * @param batchUtterances utterances of each such call
 */
public record BatcherStats(
    long utterances,
    long samples,
    long failures,
    long cancelled,
    long expired,
    long rejected,
    long batches,
    long frames,
    long columns,
    long busyNanos,
    int waiting,
    int running,
    Distribution queueSeconds,
    Distribution computeSeconds,
    Distribution batchUtterances) {}
