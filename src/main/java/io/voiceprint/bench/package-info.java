/** How fast an encoder is: the same measurement for every device, after a check of its numbers. */
package io.voiceprint.bench;
