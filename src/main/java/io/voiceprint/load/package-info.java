/**
 * Puts load on a running server and says what became of it. Its own clips, client and clock: it
 * knows of the server only what any client knows.
 */
package io.voiceprint.load;
