package io.voiceprint.load;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.voiceprint.audio.AudioReader;
import io.voiceprint.audio.DecodedAudio;
import java.io.ByteArrayInputStream;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LoadClipTest {
  @Test
  void theFileHoldsTheSamplesToTheBit() throws Exception {
    List<LoadClip> clips = LoadClip.mixed(5, 1, 2);
    for (LoadClip clip : clips) {
      DecodedAudio decoded = new AudioReader().read(new ByteArrayInputStream(clip.wav()), "clip");
      assertArrayEquals(clip.audio().samples(), decoded.audio().samples());
      assertEquals(clip.audio().sampleRate(), decoded.audio().sampleRate());
      assertEquals(List.of(), decoded.warnings());
      assertTrue(clip.audio().seconds() >= 1 && clip.audio().seconds() <= 2);
    }
  }

  @Test
  void percentilesAreThoseOfTheSortedValues() {
    Spread spread = Spread.of(IntStream.rangeClosed(1, 1500).mapToDouble(i -> 1501 - i).toArray());
    assertEquals(new Spread(1500, 750, 1350, 1485, 1499, 1500), spread);
    assertTrue(Double.isNaN(Spread.of(new double[0]).p99()));
  }
}
