/** The public API: speaker embeddings from audio. */
package io.voiceprint;
