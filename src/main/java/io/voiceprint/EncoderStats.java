package io.voiceprint;

import io.voiceprint.batch.BatcherStats;
import io.voiceprint.metrics.Distribution;

/**
 * What an encoder has done since it was opened, at one moment. Counters only grow; an utterance
 * that was unusable before it reached the queue (unreadable, too short) is in none of them.
 *
 * @param utterances embeddings computed
 * @param audioSeconds audio of these
 * @param failures utterances for which the engine failed
 * @param cancelled utterances whose caller gave up before they were computed
 * @param expired utterances whose timeout passed before their embedding was there
 * @param rejected utterances refused because the queue was full
 * @param batches passes of the network that succeeded
 * @param audioColumns frames of the utterances computed
 * @param computedColumns columns of the finest feature map computed for these, padding included
 * @param busySeconds time spent in the engines, of all lanes together
 * @param waiting utterances in the queue now
 * @param running utterances in the engines now
 * @param queueSeconds time in the queue of each utterance that went on to an engine
 * @param computeSeconds time of each pass
 * @param batchUtterances utterances of each pass
 */
public record EncoderStats(
    long utterances,
    double audioSeconds,
    long failures,
    long cancelled,
    long expired,
    long rejected,
    long batches,
    long audioColumns,
    long computedColumns,
    double busySeconds,
    int waiting,
    int running,
    Distribution queueSeconds,
    Distribution computeSeconds,
    Distribution batchUtterances) {

  static EncoderStats of(BatcherStats stats, int sampleRate) {
    return new EncoderStats(
        stats.utterances(),
        (double) stats.samples() / sampleRate,
        stats.failures(),
        stats.cancelled(),
        stats.expired(),
        stats.rejected(),
        stats.batches(),
        stats.frames(),
        stats.columns(),
        stats.busyNanos() * 1e-9,
        stats.waiting(),
        stats.running(),
        stats.queueSeconds(),
        stats.computeSeconds(),
        stats.batchUtterances());
  }

  /** Share of the computed columns that are no audio, in [0, 1); 0 before the first pass. */
  public double paddingShare() {
    return computedColumns == 0 ? 0 : 1 - (double) audioColumns / computedColumns;
  }
}
