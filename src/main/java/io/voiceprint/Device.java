package io.voiceprint;

import java.util.Locale;

/** What computes embeddings. */
public enum Device {
  /** The best of those below that is present, in their order; the log says which, and why. */
  AUTO,
  /** An NVIDIA GPU. */
  CUDA,
  /** The CPU, through oneDNN. */
  CPU,
  /** Plain Java, on any platform: slow, and the measure of all others. */
  REFERENCE;

  /** The name as command lines and configurations spell it. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
