/**
 * The CUDA engine: clips of any length share one packed row, a plan holds every launch of a row's
 * forward pass, and a plan that is used again is replayed as one CUDA graph.
 */
package io.voiceprint.engine.cuda;
