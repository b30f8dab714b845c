package io.voiceprint.cuda;

/**
 * Switches for hunting faults, read once from system properties.
 *
 * <ul>
 *   <li>{@code -Dvoiceprint.cuda.sync=true} waits for the device after every launch, so that a
 *       fault is reported by the launch that made it. Not while a stream is being captured.
 *   <li>{@code -Dvoiceprint.cuda.origins=true} remembers where each resource was opened; the place
 *       is the cause of its "used after close" error, and part of {@link CudaContext#leaks()}.
 * </ul>
 */
final class CudaDebug {
  static final boolean SYNC = Boolean.getBoolean("voiceprint.cuda.sync");
  static final boolean ORIGINS = Boolean.getBoolean("voiceprint.cuda.origins");

  private CudaDebug() {}
}
