package io.voiceprint.load;

import io.voiceprint.load.Tally.Outcome;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/** What a server made of a load. */
public final class LoadReport {
  private final LoadPlan plan;
  private final int sent;
  private final double seconds;
  private final Outcome outcome;
  private final Optional<Comparison> comparison;
  private final OptionalDouble recoverySeconds;
  private final Held held;
  private final ProcessorTime processorTime;
  private final List<Long> memory;

  /**
   * What became of connections that were only held.
   *
   * @param dropped ones that the server closed
   * @param refused ones that could not be opened
   */
  record Held(int dropped, int refused) {}

  /**
   * @param sent requests
   * @param seconds from the first request to the last answer
   * @param comparison with a single caller; empty if there was none
   * @param recoverySeconds from the end of sending to the first embedding of a request sent after
   *     it
   * @param processorTime used in these seconds
   * @param memory of the server's process in MiB, a value per second
   */
  LoadReport(
      LoadPlan plan,
      int sent,
      double seconds,
      Outcome outcome,
      Optional<Comparison> comparison,
      OptionalDouble recoverySeconds,
      Held held,
      ProcessorTime processorTime,
      List<Long> memory) {
    this.plan = plan;
    this.sent = sent;
    this.seconds = seconds;
    this.outcome = outcome;
    this.comparison = comparison;
    this.recoverySeconds = recoverySeconds;
    this.held = held;
    this.processorTime = processorTime;
    this.memory = memory;
  }

  LoadPlan plan() {
    return plan;
  }

  int sent() {
    return sent;
  }

  double seconds() {
    return seconds;
  }

  Outcome outcome() {
    return outcome;
  }

  Optional<Comparison> comparison() {
    return comparison;
  }

  OptionalDouble recoverySeconds() {
    return recoverySeconds;
  }

  Held held() {
    return held;
  }

  ProcessorTime processorTime() {
    return processorTime;
  }

  List<Long> memory() {
    return memory;
  }

  double embeddingsPerSecond() {
    return outcome.served().size() / seconds;
  }

  double audioSecondsPerSecond() {
    return outcome.servedSeconds() / seconds;
  }

  /** Whether every request was answered, and no answer was wrong. */
  public boolean isSound() {
    return outcome.lost() == 0
        && outcome.answered() == sent
        && outcome.empty() == 0
        && outcome.failures().isEmpty()
        && outcome.refusedWithoutHint() == 0;
  }

  /** A few lines for people. */
  public String text() {
    return new LoadText(this).toString();
  }

  /** Everything, as a JSON object of one line for each value. */
  public String json() throws IOException {
    return LoadJson.of(this);
  }
}
