/**
 * How the server is configured: flags, environment, file and defaults, checked before anything
 * runs.
 */
package io.voiceprint.server.config;
