package io.voiceprint.load;

import io.voiceprint.audio.PcmAudio;
import io.voiceprint.audio.SampleArray;
import io.voiceprint.bench.Clips;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A synthetic clip, as samples and as the WAV file (16 bits) that a client sends.
 *
 * @param audio the samples that the file holds, to the bit
 * @param wav not to be changed
 */
public record LoadClip(PcmAudio audio, byte[] wav) {
  private static final int SAMPLE_RATE = 16_000;
  private static final int HEADER_BYTES = 44;
  private static final long SEED = 1;

  /**
   * Clips of lengths spread evenly over a range, in no order; the same each time.
   *
   * @param shortest in seconds, above 0
   * @param longest in seconds
   */
  public static List<LoadClip> mixed(int count, double shortest, double longest) {
    SplittableRandom random = new SplittableRandom(SEED);
    List<LoadClip> clips = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      double seconds = shortest + (longest - shortest) * random.nextDouble();
      clips.add(of(Clips.clip(seconds, SAMPLE_RATE, random).samples()));
    }
    return clips;
  }

  /** Rounds samples, which are far from full scale, to the 16 bits of the file. */
  private static LoadClip of(float[] samples) {
    ByteBuffer wav =
        ByteBuffer.allocate(HEADER_BYTES + Short.BYTES * samples.length)
            .order(ByteOrder.LITTLE_ENDIAN);
    header(wav, samples.length);
    short[] rounded = new short[samples.length];
    for (int i = 0; i < samples.length; i++) {
      rounded[i] = (short) Math.round(samples[i] * SampleArray.INT16_SCALE);
      wav.putShort(rounded[i]);
    }
    return new LoadClip(new PcmAudio(rounded, SAMPLE_RATE), wav.array());
  }

  /** RIFF, one "fmt " chunk of PCM with one channel, and the head of the "data" chunk. */
  private static void header(ByteBuffer wav, int samples) {
    int bytes = Short.BYTES * samples;
    wav.put(ascii("RIFF")).putInt(HEADER_BYTES - 8 + bytes).put(ascii("WAVE"));
    wav.put(ascii("fmt ")).putInt(16).putShort((short) 1).putShort((short) 1);
    wav.putInt(SAMPLE_RATE).putInt(Short.BYTES * SAMPLE_RATE);
    wav.putShort((short) Short.BYTES).putShort((short) Short.SIZE);
    wav.put(ascii("data")).putInt(bytes);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
