package io.voiceprint.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.voiceprint.audio.ChannelChoice;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClipReaderTest {
  private static final ClipReader READER =
      new ClipReader(ChannelChoice.FIRST, Duration.ofMinutes(1));

  private static Clip clip(String file) throws IOException {
    try (InputStream stream = ClipReaderTest.class.getResourceAsStream("/audio/" + file)) {
      return new Clip.Encoded(file, ByteBuffer.wrap(stream.readAllBytes()));
    }
  }

  /** What a client no longer waits for must not keep a decoder busy to its end. */
  @ParameterizedTest
  @ValueSource(strings = {"16k.ogg", "44k1.ogg"})
  void decodingEndsOnceNobodyWaits(String file) throws IOException {
    Clip clip = clip(file);
    AtomicInteger asked = new AtomicInteger();
    READER.read(
        clip,
        () -> {
          asked.incrementAndGet();
          return false;
        });
    int whole = asked.get();
    assertTrue(whole > 4, file + " is asked for in " + whole + " pieces");
    asked.set(0);
    assertThrows(
        CancellationException.class, () -> READER.read(clip, () -> asked.incrementAndGet() == 3));
    assertEquals(3, asked.get());
  }
}
