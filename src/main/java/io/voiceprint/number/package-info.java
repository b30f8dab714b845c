/** Number formats that the Java library does not have. */
package io.voiceprint.number;
