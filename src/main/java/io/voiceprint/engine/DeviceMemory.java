package io.voiceprint.engine;

/**
 * Memory of a device, of all programs that use it, at one moment.
 *
 * @param device which one, such as {@code "0"} for the first GPU
 * @param freeBytes that nobody uses
 * @param totalBytes that it has
 */
public record DeviceMemory(String device, long freeBytes, long totalBytes) {
  /** Bytes that somebody uses. */
  public long usedBytes() {
    return totalBytes - freeBytes;
  }
}
