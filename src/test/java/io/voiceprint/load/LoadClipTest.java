package io.voiceprint.load;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.voiceprint.audio.AudioReader;
import io.voiceprint.audio.DecodedAudio;
import java.io.ByteArrayInputStream;
import java.util.List;
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
  void percentilesAreThoseOfTheSortedTimes() {
    Times times = new Times();
    for (int i = 1500; i >= 1; i--) {
      times.add(i * 1_000_000L);
    }
    Times.Percentiles percentiles = times.percentiles();
    assertEquals(1500, percentiles.count());
    assertEquals(750, percentiles.p50(), 1e-9);
    assertEquals(1350, percentiles.p90(), 1e-9);
    assertEquals(1485, percentiles.p99(), 1e-9);
    assertEquals(1500, percentiles.max(), 1e-9);
    assertTrue(Double.isNaN(new Times().percentiles().p99()));
  }
}
