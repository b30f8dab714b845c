package io.voiceprint.engine.cuda;

import static io.voiceprint.engine.cuda.KernelSet.ceilDiv;

import io.voiceprint.cuda.Kernel;
import io.voiceprint.cuda.LaunchShape;
import java.nio.ByteBuffer;

/**
 * Launches {@code kernels/pcm.cu}: samples as they were delivered become floats at the network's
 * rate.
 */
final class PcmKernel {
  private static final int THREADS = 256;

  private final Kernel convert;
  private final Kernel resample;

  PcmKernel(KernelSet kernels) {
    convert = kernels.kernel("pcm", "pcm_to_float");
    resample = kernels.kernel("pcm", "resample_polyphase");
  }

  /**
   * A clip as it was delivered, and where its samples go.
   *
   * @param byteOffset of its first sample in the raw bytes, a multiple of the sample's size
   * @param isFloat 32-bit float samples; otherwise signed 16-bit, little-endian
   * @param first index of its first sample in the wave
   * @param count samples in the wave
   */
  record RawClip(long byteOffset, int samples, boolean isFloat, int first, int count, Rate rate) {
    static final int BYTES = 48;

    void put(ByteBuffer table) {
      table.putLong(byteOffset).putInt(samples).putInt(isFloat ? 1 : 0).putInt(first).putInt(count);
      table.putInt(rate.up).putInt(rate.down).putInt(rate.taps).putInt(rate.firstTap);
      table.putInt(rate.left).putInt(0);
    }
  }

  /**
   * A change of rate by up / down.
   *
   * @param taps of each of the {@code up} phases
   * @param firstTap where they begin in the array of all taps
   * @param left input samples that a sum begins before its position
   */
  record Rate(int up, int down, int taps, int firstTap, int left) {
    /** The rate stays. */
    static final Rate SAME = new Rate(1, 1, 0, 0, 0);
  }

  /**
   * All clips keep their rate.
   *
   * @param clips address of the table of {@link RawClip}
   * @param longest most samples of a clip in the wave
   */
  Launch convert(long clips, int clipCount, int longest, long raw, long wave) {
    return Launch.of(
        convert,
        shape(clipCount, longest),
        new Kernel.Arguments().address(clips).address(raw).address(wave));
  }

  /**
   * Each clip changes its rate.
   *
   * @param taps address of the taps of all rates, phase by phase
   */
  Launch resample(long clips, int clipCount, int longest, long raw, long taps, long wave) {
    return Launch.of(
        resample,
        shape(clipCount, longest),
        new Kernel.Arguments().address(clips).address(raw).address(taps).address(wave));
  }

  private static LaunchShape shape(int clipCount, int longest) {
    return new LaunchShape(ceilDiv(longest, THREADS), clipCount, 1, THREADS, 1, 1, 0);
  }
}
