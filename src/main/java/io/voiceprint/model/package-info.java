/**
 * Recognises which network a state dict holds, folds batch norm, and builds the network's graph.
 */
package io.voiceprint.model;
