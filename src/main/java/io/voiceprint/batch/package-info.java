/**
 * Coalesces concurrent requests into batches for an engine. Internal: the public API stands on it.
 */
package io.voiceprint.batch;
