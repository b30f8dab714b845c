package io.voiceprint.peers.onnxruntime;

import java.util.Locale;

/**
 * What one call embeds.
 *
 * @param clips of a call
 * @param frames of a clip
 */
record Workload(int clips, int frames) {
  private static final int MAX_CLIPS = 4096;
  private static final int MAX_FRAMES = 360_000; // an hour

  Workload {
    if (clips < 1 || clips > MAX_CLIPS || frames < 1 || frames > MAX_FRAMES) {
      throw new IllegalArgumentException(
          "%dx%d: clips are 1 to %d, frames 1 to %d"
              .formatted(clips, frames, MAX_CLIPS, MAX_FRAMES));
    }
  }

  /**
   * Reads CLIPSxFRAMES.
   *
   * @throws IllegalArgumentException if it is something else
   */
  static Workload parse(String text) {
    String[] parts = text.split("x", -1);
    try {
      if (parts.length == 2) {
        return new Workload(Integer.parseInt(parts[0]), Integer.parseInt(parts[1]));
      }
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(text + " is not CLIPSxFRAMES, such as 8x298", e);
    }
    throw new IllegalArgumentException(text + " is not CLIPSxFRAMES, such as 8x298");
  }

  /**
   * Of a clip: the middle of the lengths that give so many frames of 25 ms, one every 10 ms; 298
   * frames are 3 s.
   */
  double seconds() {
    return (frames + 2) / 100.0;
  }

  String name() {
    double seconds = seconds();
    return seconds == Math.rint(seconds)
        ? "%d x %d s".formatted(clips, (long) seconds)
        : String.format(Locale.ROOT, "%d x %s s", clips, seconds);
  }

  /** As the file of results names it. */
  String kind() {
    return clips == 1 ? "latency" : "throughput";
  }
}
