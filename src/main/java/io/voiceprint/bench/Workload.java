package io.voiceprint.bench;

import io.voiceprint.audio.PcmAudio;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Calls to be made, and how they come.
 *
 * @param name such as {@code "8 x 3 s"}
 * @param calls the clips of each call, mono, at the network's rate; made in turns
 * @param lengths what the lengths were drawn from, where they differ
 */
public record Workload(
    Kind kind,
    String name,
    List<List<PcmAudio>> calls,
    Optional<LengthDistribution> lengths,
    Load load) {
  /** Clips of the mixed corpus. */
  static final int MIXED_CLIPS = 64;

  /** What a workload tells. */
  public enum Kind {
    /** Of one clip in a call. */
    LATENCY,
    /** Of clips of one length. */
    THROUGHPUT,
    /** Of a corpus of many lengths. */
    MIXED,
    /** Of calls that do not wait for each other. */
    OPEN_LOOP,
    /** Of a process that starts. */
    COLD_START;

    /** As result files spell it. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /** Copies. */
  public Workload {
    calls = List.copyOf(calls);
  }

  /**
   * Clips of one length.
   *
   * @param batch clips of a call
   */
  static Workload of(int batch, double seconds, int sampleRate, Load load) {
    Kind kind = batch == 1 ? Kind.LATENCY : Kind.THROUGHPUT;
    String name = String.format(Locale.ROOT, "%d x %s s", batch, Clips.number(seconds));
    return of(kind, name, List.of(Clips.of(batch, seconds, sampleRate)), Optional.empty(), load);
  }

  /**
   * A corpus of many lengths: all of it in one call, or, where calls do not wait for each other, a
   * clip in each.
   */
  static Workload mixed(LengthDistribution lengths, int sampleRate, Load load) {
    List<PcmAudio> clips = Clips.mixed(MIXED_CLIPS, lengths, sampleRate);
    String range =
        "%s to %s s".formatted(Clips.number(lengths.shortest()), Clips.number(lengths.longest()));
    return load.isOpen()
        ? of(
            Kind.MIXED,
            "1 of " + range,
            clips.stream().map(List::of).toList(),
            Optional.of(lengths),
            load)
        : of(Kind.MIXED, MIXED_CLIPS + " of " + range, List.of(clips), Optional.of(lengths), load);
  }

  private static Workload of(
      Kind kind,
      String name,
      List<List<PcmAudio>> calls,
      Optional<LengthDistribution> lengths,
      Load load) {
    String callers = load.concurrency() == 1 ? "" : " by " + load.concurrency();
    String shown =
        load.isOpen() ? "%s, %s/s".formatted(name, Clips.number(load.rate())) : name + callers;
    return new Workload(load.isOpen() ? Kind.OPEN_LOOP : kind, shown, calls, lengths, load);
  }

  /** Clips of one call. */
  public int batch() {
    return calls.get(0).size();
  }

  /** Seconds of audio of one call, on average. */
  public double seconds() {
    double all = calls.stream().flatMap(List::stream).mapToDouble(PcmAudio::seconds).sum();
    return all / calls.size();
  }
}
