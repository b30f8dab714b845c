package io.voiceprint.engine.cpu;

import java.util.concurrent.ForkJoinPool;
import org.bytedeco.dnnl.stream;

/** One piece of a plan's work. */
interface Step {
  /**
   * What a plan runs with.
   *
   * @param frames feature frames of the utterance, at most the plan's
   */
  record Run(int frames, Arena arena, stream queue, ForkJoinPool workers) {}

  void execute(Run run);
}
