package io.voiceprint.audio;

import io.voiceprint.audio.AudioWarning.Kind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * MPEG-1, 2 and 2.5 audio, layer III, of constant or variable bit rate, through JCodec. Encoder
 * delay and padding are removed where a LAME header says how much they are, so that the samples
 * stand where they were before encoding. Free-format bit rates, intensity stereo and frames with
 * more than 32 bits of stuffing (only old encoders make them) are refused.
 *
 * <p>Known limit: at 24 kHz JCodec 0.2.5 misreads a few frames in a thousand, which are counted in
 * a warning (see {@link Mp3Distortion}); all other rates agree with FFmpeg to the rounding of 16
 * bits.
 */
final class Mp3Reader {
  private static final String LIBRARY = "org.jcodec:jcodec:0.2.5";

  private final ByteInput in;
  private final ReadContext context;
  private final List<AudioWarning> warnings = new ArrayList<>();
  private Mp3FrameDecoder decoder;
  private long skipped;
  private boolean cut;
  private long frames;
  private long distorted;

  private Mp3Reader(ByteInput in, ReadContext context) {
    this.in = in;
    this.context = context;
  }

  /** Whether the input begins with a frame and, where it reaches that far, another one. */
  static boolean isMp3(byte[] head) {
    MpegHeader header = MpegHeader.parse(head, 0);
    if (header == null) {
      return false;
    }
    MpegHeader next = MpegHeader.parse(head, header.bytes());
    return next == null ? head.length < header.bytes() + MpegHeader.BYTES : next.continues(header);
  }

  static DecodedAudio read(ByteInput in, ReadContext context) throws IOException {
    return new Mp3Reader(in, context).read();
  }

  private DecodedAudio read() throws IOException {
    try {
      decoder = new Mp3FrameDecoder();
    } catch (NoClassDefFoundError e) {
      throw new AudioException(
          in.name() + ": reading MP3 needs " + LIBRARY + " on the class path", e);
    }
    MpegHeader first = MpegHeader.parse(in.peek(MpegHeader.BYTES), 0);
    MonoSink sink = context.sink(in, first.sampleRate(), first.channels());
    Mp3Info info = Mp3Info.parse(first, in.peek(first.bytes()));
    if (info != null) {
      in.skip(first.bytes());
    }
    for (MpegHeader header = next(first); header != null; header = next(first)) {
      decode(header, in.bytes(header.bytes()), sink);
    }
    if (cut || (info != null && frames < info.frames())) {
      String missing =
          info != null && frames < info.frames()
              ? "%d of %d frames are missing".formatted(info.frames() - frames, info.frames())
              : "the last frame is incomplete";
      warnings.add(new AudioWarning(Kind.TRUNCATED, missing));
    }
    if (skipped > 0) {
      warnings.add(
          new AudioWarning(
              Kind.DAMAGED, "%d bytes between the frames are no audio".formatted(skipped)));
    }
    if (distorted > 0) {
      warnings.add(
          new AudioWarning(
              Kind.DAMAGED,
              "up to %d of %d frames are distorted by the MP3 decoder"
                  .formatted(distorted, frames)));
    }
    boolean whole = info != null && frames == info.frames();
    long from = info == null ? 0 : info.delay();
    long to = whole ? sink.frames() - (long) info.padding() : sink.frames();
    return LevelCheck.decoded(
        sink,
        sink.samples(from, Math.max(from, to)),
        new Source(first.channels(), first.sampleRate(), "MP3"),
        warnings);
  }

  /** Moves to the next complete frame and returns its header; {@code null} at the end. */
  private MpegHeader next(MpegHeader first) throws IOException {
    boolean searching = false;
    while (true) {
      byte[] head = in.peek(MpegHeader.BYTES);
      MpegHeader header = MpegHeader.parse(head, 0);
      if (header != null && header.continues(first)) {
        int available = in.peek(header.bytes()).length;
        if (available < header.bytes()) {
          cut = true;
          return null;
        }
        if (!searching || isMp3(in.peek(header.bytes() + MpegHeader.BYTES))) {
          return header;
        }
      }
      if (head.length < MpegHeader.BYTES || isTag(head)) {
        skipped += in.skip(head.length < MpegHeader.BYTES ? head.length : 0);
        return null;
      }
      searching = true;
      skipped += in.skip(1);
    }
  }

  /** Whether an ID3v1, APE or Lyrics3 tag begins here; they stand behind the sound. */
  private static boolean isTag(byte[] head) {
    String text = new String(head, StandardCharsets.ISO_8859_1);
    return text.startsWith("TAG") || text.equals("APET") || text.equals("LYRI");
  }

  private void decode(MpegHeader header, byte[] frame, MonoSink sink) throws IOException {
    try {
      decoder.decode(header, frame, sink);
    } catch (AudioException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      throw new AudioException(
          "%s: MP3 frame %d, before byte %d, cannot be decoded: %s"
              .formatted(in.name(), frames, in.position(), e),
          e);
    }
    frames++;
    distorted += Mp3Distortion.affects(header, frame) ? 1 : 0;
  }
}
