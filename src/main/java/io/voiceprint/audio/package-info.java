/** Decoding and resampling to mono float PCM. Knows nothing of networks. */
package io.voiceprint.audio;
