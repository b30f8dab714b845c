/** What this machine offers to Voiceprint, and whether it computes the right numbers there. */
package io.voiceprint.diagnosis;
