package io.voiceprint.audio;

/** What a file says of its audio: channels, rate in Hz, name of the encoding. */
record Source(int channels, int sampleRate, String encoding) {}
