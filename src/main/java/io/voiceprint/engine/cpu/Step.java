package io.voiceprint.engine.cpu;

import org.bytedeco.dnnl.stream;

/** One piece of a plan's work. */
interface Step {
  /**
   * What a plan runs with.
   *
   * @param begin first frame of the strip of the utterance that is computed; 0 if it is all of it
   * @param frames feature frames from there to the end of the strip, or of the utterance if that
   *     ends before
   */
  record Run(int begin, int frames, Arena arena, stream queue, Workers workers) {
    /** The same with another piece of the utterance. */
    Run piece(int from, int count) {
      return new Run(from, count, arena, queue, workers);
    }
  }

  void execute(Run run);
}
