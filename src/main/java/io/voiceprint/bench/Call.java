package io.voiceprint.bench;

/** What is timed. */
interface Call {
  /**
   * Makes a call; its result is in host memory when this returns.
   *
   * @param number of the call, from 0; a mixed corpus gives each another clip
   * @return looks at the result; not timed
   */
  Runnable make(long number);
}
