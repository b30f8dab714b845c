package io.voiceprint.engine.cuda;

import static io.voiceprint.engine.cuda.KernelSet.ceilDiv;

import io.voiceprint.cuda.Kernel;
import io.voiceprint.cuda.LaunchShape;
import java.nio.IntBuffer;

/**
 * Launches {@code kernels/pcm.cu}: samples at the clips' own rates become the network's, and 16-bit
 * integers floats.
 */
final class PcmKernel {
  /** Integers of {@code struct RawClip}. */
  static final int RAW_CLIP_INTS = 9;

  /** Samples that a thread converts at once. */
  static final int OCTET = 8;

  private static final int WARP = 32;
  private static final int WARPS = 8;

  private final Kernel resample;
  private final Kernel resampleInt16;
  private final Kernel widen;

  PcmKernel(KernelSet kernels) {
    resample = kernels.kernel("pcm", "resample_polyphase");
    resampleInt16 = kernels.kernel("pcm", "resample_polyphase_s16");
    widen = kernels.kernel("pcm", "widen_s16");
  }

  /**
   * A change of rate by up / down.
   *
   * @param taps of each of the {@code up} phases
   * @param firstTap where they begin in the array of all taps
   * @param left input samples that a sum begins before its position
   */
  record Rate(int up, int down, int taps, int firstTap, int left) {

    /**
     * Writes a {@code struct RawClip}: a clip at this rate, and where its samples go.
     *
     * @param firstRaw index of its first sample in the raw buffer
     * @param samples in the raw buffer
     * @param first index of its first sample in the wave
     * @param count samples in the wave
     */
    void putClip(IntBuffer table, int firstRaw, int samples, int first, int count) {
      table.put(firstRaw).put(samples).put(first).put(count);
      table.put(up).put(down).put(taps).put(firstTap).put(left);
    }
  }

  /**
   * @param int16 whether the samples that were delivered are 16-bit integers, not floats
   * @param clips address of the table of clips, in the order of the wave
   * @param longest most samples that the wave may have
   * @param raw address of the samples that were delivered
   * @param taps address of the taps of all rates, phase by phase
   */
  Launch resample(
      boolean int16, long clips, int clipCount, int longest, long raw, long taps, long wave) {
    return Launch.of(
        int16 ? resampleInt16 : resample,
        new LaunchShape(ceilDiv(longest, WARPS), 1, 1, WARP, WARPS, 1, 0),
        new Kernel.Arguments()
            .address(clips)
            .int32(clipCount)
            .address(raw)
            .address(taps)
            .address(wave));
  }

  /**
   * @param raw address of 16-bit integers, a multiple of 16 bytes
   * @param wave address of as many floats, likewise
   * @param octets how many times 8 there are
   */
  Launch widen(long raw, long wave, int octets) {
    return Launch.of(
            widen,
            new LaunchShape(ceilDiv(octets, WARP * WARPS), 1, 1, WARP * WARPS, 1, 1, 0),
            new Kernel.Arguments().address(raw).address(wave).int32(octets))
        .moving((long) octets * OCTET * (Short.BYTES + Float.BYTES));
  }
}
