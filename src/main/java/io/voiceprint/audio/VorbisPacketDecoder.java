package io.voiceprint.audio;

import com.jcraft.jogg.Packet;
import com.jcraft.jorbis.Block;
import com.jcraft.jorbis.Comment;
import com.jcraft.jorbis.DspState;
import com.jcraft.jorbis.Info;
import java.io.IOException;

/** The one class that knows JOrbis. Decodes the packets of one stream in order. */
final class VorbisPacketDecoder {
  private static final int HEADERS = 3;

  private final Info info = new Info();
  private final Comment comment = new Comment();
  private final DspState state = new DspState();
  private final Block block = new Block(state);
  private int packets;

  VorbisPacketDecoder() {
    info.init();
    comment.init();
  }

  /** Takes one of the three header packets. */
  void header(byte[] bytes) throws IOException {
    if (info.synthesis_headerin(comment, packet(bytes)) < 0) {
      throw new IOException("JOrbis refuses header " + packets);
    }
    if (packets == HEADERS) {
      state.synthesis_init(info);
      block.init(state);
    }
  }

  /** Decodes one audio packet into the sink; the first of a stream gives no samples. */
  void decode(byte[] bytes, MonoSink sink) throws IOException {
    if (block.synthesis(packet(bytes)) != 0) {
      throw new IOException("JOrbis refuses the packet");
    }
    state.synthesis_blockin(block);
    float[][][] output = new float[1][][];
    int[] offsets = new int[info.channels];
    int frames = state.synthesis_pcmout(output, offsets);
    while (frames > 0) {
      float[][] channels = output[0];
      for (int i = 0; i < frames; i++) {
        for (int channel = 0; channel < offsets.length; channel++) {
          sink.add(channels[channel][offsets[channel] + i]);
        }
      }
      state.synthesis_read(frames);
      frames = state.synthesis_pcmout(output, offsets);
    }
  }

  private Packet packet(byte[] bytes) {
    Packet packet = new Packet();
    packet.packet_base = bytes;
    packet.bytes = bytes.length;
    packet.b_o_s = packets == 0 ? 1 : 0;
    packet.granulepos = -1;
    packet.packetno = packets++;
    return packet;
  }
}
