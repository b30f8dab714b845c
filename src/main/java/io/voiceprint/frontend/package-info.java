/** What a filter bank is: options, window, mel matrix. Engines execute it. */
package io.voiceprint.frontend;
