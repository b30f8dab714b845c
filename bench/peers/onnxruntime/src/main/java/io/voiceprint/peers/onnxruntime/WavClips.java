package io.voiceprint.peers.onnxruntime;

import io.voiceprint.audio.PcmAudio;
import io.voiceprint.bench.Clips;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The clips of {@code voiceprint bench}, rounded to 16 bits, so that a file holds them exactly. */
final class WavClips {
  private static final float FULL_SCALE = 32768;
  private static final int HEADER_BYTES = 44;

  private WavClips() {}

  static List<PcmAudio> of(int count, double seconds, int sampleRate) {
    return Clips.of(count, seconds, sampleRate).stream().map(WavClips::rounded).toList();
  }

  private static PcmAudio rounded(PcmAudio clip) {
    float[] samples = clip.samples().clone();
    for (int i = 0; i < samples.length; i++) {
      samples[i] = Math.round(samples[i] * FULL_SCALE) / FULL_SCALE;
    }
    return new PcmAudio(samples, clip.sampleRate());
  }

  /** Writes a clip as 16-bit mono WAV. */
  static void write(PcmAudio clip, Path file) throws IOException {
    int bytes = 2 * clip.samples().length;
    ByteBuffer wav = ByteBuffer.allocate(HEADER_BYTES + bytes).order(ByteOrder.LITTLE_ENDIAN);
    wav.put(ascii("RIFF")).putInt(HEADER_BYTES - 8 + bytes).put(ascii("WAVEfmt ")).putInt(16);
    wav.putShort((short) 1).putShort((short) 1).putInt(clip.sampleRate());
    wav.putInt(2 * clip.sampleRate()).putShort((short) 2).putShort((short) 16);
    wav.put(ascii("data")).putInt(bytes);
    for (float sample : clip.samples()) {
      wav.putShort((short) (sample * FULL_SCALE));
    }
    Files.write(file, wav.array());
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
