/**
 * Weight files, read into a state dict: name, shape, type, and bytes that are read when they are
 * asked for. Nothing here executes anything.
 */
package io.voiceprint.checkpoint;
