package io.voiceprint.audio;

import io.voiceprint.audio.AudioWarning.Kind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Vorbis in Ogg, through JOrbis. Our own code takes the container apart and bounds what the headers
 * ask for. Streams that are chained, one after the other, are read as one.
 */
final class VorbisReader {
  private static final String LIBRARY = "org.jcraft:jorbis:0.0.17";
  private static final int IDENTIFICATION_BYTES = 30;
  private static final int LARGEST_BLOCK = 8192;

  /** A comment header without comments: pictures in the real one are none of our business. */
  private static final byte[] NO_COMMENTS = {
    3, 'v', 'o', 'r', 'b', 'i', 's', 0, 0, 0, 0, 0, 0, 0, 0, 1
  };

  private final ByteInput in;
  private final ReadContext context;
  private final OggPackets packets;
  private final VorbisSetup setups;

  private VorbisReader(ByteInput in, ReadContext context) {
    this.in = in;
    this.context = context;
    this.packets = new OggPackets(in);
    this.setups = new VorbisSetup(in);
  }

  static DecodedAudio read(ByteInput in, ReadContext context) throws IOException {
    try {
      return new VorbisReader(in, context).read();
    } catch (NoClassDefFoundError e) {
      throw new AudioException(
          in.name() + ": reading Ogg Vorbis needs " + LIBRARY + " on the class path", e);
    }
  }

  private DecodedAudio read() throws IOException {
    byte[] identification = identification();
    int channels = channels(identification);
    long sampleRate = sampleRate(identification);
    MonoSink sink = context.sink(in, sampleRate, channels);
    readStream(identification, sink);
    for (int stream = 2; packets.nextStream(); stream++) {
      byte[] next = identification();
      if (channels(next) != channels || sampleRate(next) != sampleRate) {
        throw in.error(
            "stream %d of this chained Ogg file has %d Hz and %d channels, the first %d Hz and %d;"
                + " convert it, or split it",
            stream, sampleRate(next), channels(next), sampleRate, channels);
      }
      readStream(next, sink);
    }
    List<AudioWarning> warnings = new ArrayList<>();
    if (packets.truncated()) {
      warnings.add(new AudioWarning(Kind.TRUNCATED, "the Ogg stream has no end; data are missing"));
    }
    return LevelCheck.decoded(
        sink, sink.samples(), new Source(channels, (int) sampleRate, "VORBIS"), warnings);
  }

  private byte[] identification() throws IOException {
    byte[] packet = header("identification");
    if (!isHeader(packet, 1) || packet.length < IDENTIFICATION_BYTES) {
      throw in.error("Ogg file holds '%s', not Vorbis; convert it", codecName(packet));
    }
    return packet;
  }

  private static int channels(byte[] identification) {
    return identification[11] & 0xff;
  }

  private static long sampleRate(byte[] identification) {
    ByteBuffer fields = ByteBuffer.wrap(identification).order(ByteOrder.LITTLE_ENDIAN);
    return fields.getInt(12) & 0xffff_ffffL;
  }

  /** Reads what is behind a stream's first header. */
  private void readStream(byte[] identification, MonoSink sink) throws IOException {
    int small = identification[28] & 15;
    int large = identification[28] >> 4 & 15;
    if (small < 6 || large > 13 || small > large) {
      throw in.error("Vorbis block sizes 2^%d and 2^%d are not within 2^6 and 2^13", small, large);
    }
    if (!isHeader(header("comment"), 3)) {
      throw in.error("Vorbis comment header is damaged");
    }
    byte[] setup = header("setup");
    if (!isHeader(setup, 5)) {
      throw in.error("Vorbis setup header is damaged");
    }
    setups.check(setup);
    VorbisPacketDecoder decoder = new VorbisPacketDecoder();
    decode("identification header", () -> decoder.header(identification));
    decode("comment header", () -> decoder.header(NO_COMMENTS));
    decode("setup header", () -> decoder.header(setup));
    int before = sink.frames();
    long number = 0;
    for (byte[] packet = packets.next(); packet != null; packet = packets.next()) {
      byte[] sound = packet;
      number++;
      // Empty packets carry no sound; odd first bits mark headers, which have no place here.
      if (sound.length > 0 && (sound[0] & 1) == 0) {
        decode("packet " + number, () -> decoder.decode(sound, sink));
      }
    }
    sink.cut(before + (int) end(sink.frames() - before));
  }

  private interface Step {
    void run() throws IOException;
  }

  private void decode(String what, Step step) throws AudioException {
    try {
      step.run();
    } catch (AudioException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      throw new AudioException(
          "%s: Vorbis %s cannot be decoded: %s".formatted(in.name(), what, e), e);
    }
  }

  /** The last page says how many samples of a stream's last block are sound. */
  private long end(int decoded) {
    long excess = decoded - packets.granule();
    return packets.granule() >= 0 && excess > 0 && excess <= LARGEST_BLOCK
        ? packets.granule()
        : decoded;
  }

  private byte[] header(String which) throws IOException {
    byte[] packet = packets.next();
    if (packet == null) {
      throw in.error("Ogg file ends before its %s header; it is cut off", which);
    }
    return packet;
  }

  private static boolean isHeader(byte[] packet, int type) {
    return packet.length >= 7
        && packet[0] == type
        && new String(packet, 1, 6, StandardCharsets.ISO_8859_1).equals("vorbis");
  }

  private static String codecName(byte[] packet) {
    String start = new String(packet, 0, Math.min(packet.length, 8), StandardCharsets.ISO_8859_1);
    return start.replaceAll("[^ -~]", "");
  }
}
