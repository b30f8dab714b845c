/**
 * Weight files, read into a state dict: name, shape, type and lazily mapped bytes. Nothing here
 * executes anything.
 */
package io.voiceprint.checkpoint;
