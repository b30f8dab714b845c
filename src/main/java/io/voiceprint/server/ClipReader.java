package io.voiceprint.server;

import io.voiceprint.UnusableAudioException;
import io.voiceprint.Utterance;
import io.voiceprint.audio.AudioException;
import io.voiceprint.audio.AudioReader;
import io.voiceprint.audio.ChannelChoice;
import io.voiceprint.audio.DecodedAudio;
import io.voiceprint.audio.PcmAudio;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;

/** Turns what a request brings into samples, no longer than the server allows. Thread-safe. */
final class ClipReader {
  private final Duration longest;
  private final AudioReader reader;

  ClipReader(ChannelChoice channel, Duration longest) {
    this.longest = longest;
    this.reader = new AudioReader(channel, longest);
  }

  /**
   * The utterance of a clip.
   *
   * @param abandoned whether nobody waits for it any more; asked again and again while it is
   *     decoded
   * @throws UnusableAudioException if it cannot be read or is too long
   * @throws CancellationException if it is abandoned
   */
  Utterance read(Clip clip, BooleanSupplier abandoned) {
    if (clip instanceof Clip.Encoded encoded) {
      DecodedAudio decoded = decode(encoded, abandoned);
      return new Utterance(clip.name(), decoded.audio(), decoded.warnings());
    }
    PcmAudio audio = ((Clip.Samples) clip).audio();
    if (audio.seconds() > longest.toMillis() / 1000.0) {
      throw new UnusableAudioException(
          "%s: %.1f s of audio; this server takes %.1f s at most"
              .formatted(clip.name(), audio.seconds(), longest.toMillis() / 1000.0));
    }
    return Utterance.of(clip.name(), audio);
  }

  private DecodedAudio decode(Clip.Encoded clip, BooleanSupplier abandoned) {
    byte[] array = clip.bytes().array();
    int offset = clip.bytes().arrayOffset() + clip.bytes().position();
    try {
      var stream = new ByteArrayInputStream(array, offset, clip.bytes().remaining());
      return reader.read(new AbandonableStream(stream, abandoned), clip.name());
    } catch (AudioException e) {
      throw new UnusableAudioException(e.getMessage(), e);
    } catch (IOException e) {
      throw new UnusableAudioException(clip.name() + ": breaks off", e);
    } catch (CancellationException e) {
      throw e;
    } catch (RuntimeException e) {
      // A decoder that a hostile file confuses must not look like a mistake of the server.
      throw new UnusableAudioException(clip.name() + ": cannot be decoded", e);
    }
  }
}
