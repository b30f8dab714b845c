/**
 * What models and engines share: an immutable list of typed nodes with inferred shapes. Nothing
 * here knows a model or a device.
 */
package io.voiceprint.graph;
