/**
 * The batch server: the Open Inference Protocol over REST and gRPC and a plain HTTP API, on one
 * port, in front of the encoders' batching. It stands on the public API only.
 */
package io.voiceprint.server;
