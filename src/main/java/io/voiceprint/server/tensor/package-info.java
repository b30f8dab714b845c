/**
 * Requests and answers of the Open Inference Protocol as values, and their forms on the wire: JSON,
 * JSON with binary tensor data, and raw contents. What is read was sent by strangers: nothing is
 * allocated beyond what is really there.
 */
package io.voiceprint.server.tensor;
