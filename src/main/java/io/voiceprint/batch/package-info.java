/**
 * Coalesces concurrent requests into batches for engines. Internal: the public API stands on it.
 *
 * <p>{@link io.voiceprint.batch.Batcher} is the door. Behind it, {@code RequestQueue} is where
 * submitters and lanes meet, {@code WaitingRequests} says who is next, {@code Dispatch} when a row
 * is cut and {@code Roster} for which lane; {@code Lane} computes. Time comes from {@code
 * TimeSource} alone.
 */
package io.voiceprint.batch;
