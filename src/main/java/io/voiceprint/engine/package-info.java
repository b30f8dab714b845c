/**
 * What an engine is: one device that executes a front end and a graph. The implementations are
 * sub-packages.
 */
package io.voiceprint.engine;
