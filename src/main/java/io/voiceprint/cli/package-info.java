/**
 * The command line, on the public API. Results go to standard output, everything else to standard
 * error.
 */
package io.voiceprint.cli;
