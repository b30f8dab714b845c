/** Decoding and resampling to mono PCM of 16 bits or floats. Knows nothing of networks. */
package io.voiceprint.audio;
