package io.voiceprint.load;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Processor time in seconds, of all threads, to a hundredth.
 *
 * @param client this process
 * @param server empty if it is elsewhere, or does not tell
 */
record ProcessorTime(double client, OptionalDouble server) {

  /** Since the processes began. */
  static ProcessorTime now(Optional<Long> server) {
    return new ProcessorTime(
        seconds(Optional.of(ProcessHandle.current())).orElse(0),
        seconds(server.flatMap(ProcessHandle::of)));
  }

  private static OptionalDouble seconds(Optional<ProcessHandle> process) {
    Optional<Duration> used = process.flatMap(each -> each.info().totalCpuDuration());
    return used.isEmpty() ? OptionalDouble.empty() : OptionalDouble.of(used.get().toNanos() * 1e-9);
  }

  /** What was used since an earlier moment. */
  ProcessorTime minus(ProcessorTime earlier) {
    return new ProcessorTime(
        client - earlier.client,
        server.isPresent() && earlier.server.isPresent()
            ? OptionalDouble.of(server.getAsDouble() - earlier.server.getAsDouble())
            : OptionalDouble.empty());
  }
}
