/**
 * The reference engine: plain Java, the executable specification of every node and the oracle of
 * every other engine's tests.
 */
package io.voiceprint.engine.reference;
