package io.voiceprint;

/**
 * What an encoder has done since it was opened, at one moment. Counters only grow; an utterance
 * that was refused before it reached the queue (unreadable, too short) is in none of them.
 *
 * @param utterances embeddings computed
 * @param audioSeconds audio of these
 * @param failures utterances for which the engine failed
 * @param cancelled utterances whose caller gave up before they were computed
 * @param batches passes of the network that succeeded
 * @param busySeconds time spent in the engine, of all lanes together
 * @param waiting utterances in the queue now
 * @param running utterances in the engine now
 */
public record EncoderStats(
    long utterances,
    double audioSeconds,
    long failures,
    long cancelled,
    long batches,
    double busySeconds,
    int waiting,
    int running) {}
