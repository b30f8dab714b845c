/** Counting in buckets, cheap enough for every request. Depends on nothing. */
package io.voiceprint.metrics;
