package io.voiceprint.bench;

/** A clock that moves only when told to. For one thread. */
final class VirtualTimeline implements Timeline {
  private long now = 5_000_000_000L;

  @Override
  public long nanos() {
    return now;
  }

  @Override
  public void await(long nanos) {
    now = Math.max(now, nanos);
  }

  /** Time goes by. */
  void pass(long nanos) {
    now += nanos;
  }
}
