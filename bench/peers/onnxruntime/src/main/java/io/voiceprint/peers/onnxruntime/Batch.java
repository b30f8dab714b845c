package io.voiceprint.peers.onnxruntime;

/** Clips of one length, as they are asked for. */
record Batch(int clips, double seconds) {
  private static final int MAX_CLIPS = 4096;
  private static final double MAX_SECONDS = 3600;

  /**
   * Reads CLIPSxSECONDS.
   *
   * @throws IllegalArgumentException if it is something else
   */
  static Batch parse(String text) {
    String[] parts = text.split("x", -1);
    try {
      if (parts.length == 2) {
        int clips = Integer.parseInt(parts[0]);
        double seconds = Double.parseDouble(parts[1]);
        if (clips >= 1 && clips <= MAX_CLIPS && seconds > 0 && seconds <= MAX_SECONDS) {
          return new Batch(clips, seconds);
        }
      }
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(text + " is not CLIPSxSECONDS, such as 8x3", e);
    }
    throw new IllegalArgumentException(text + " is not CLIPSxSECONDS, such as 8x3");
  }

  @Override
  public String toString() {
    return clips + "x" + (seconds == Math.rint(seconds) ? "" + (long) seconds : "" + seconds);
  }
}
