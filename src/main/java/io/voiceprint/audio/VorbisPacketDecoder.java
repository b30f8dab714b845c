package io.voiceprint.audio;

import de.jarnbjo.vorbis.VorbisStream;
import java.io.IOException;

/** The one class that knows J-Ogg. Decodes the packets of one stream in order. */
final class VorbisPacketDecoder {
  private final VorbisStream stream = new VorbisStream();

  /** Takes one of the three header packets. */
  void header(byte[] packet) throws IOException {
    stream.processPacket(packet);
  }

  /** Decodes one audio packet into the sink; the first of a stream gives no samples. */
  void decode(byte[] packet, MonoSink sink) throws IOException {
    byte[] samples = stream.processPacket(packet);
    for (int i = 0; samples != null && i < samples.length; i += 2) {
      sink.add((short) ((samples[i] << 8) | (samples[i + 1] & 0xff)) / 0x1p15f);
    }
  }
}
