package io.voiceprint.audio;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.voiceprint.audio.AudioWarning.Kind;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LevelCheckTest {
  private static final int RATE = 16_000;

  @Test
  void twoSecondsOfTonePassWithoutWarning() throws IOException {
    assertEquals(List.of(), check(tone(2 * RATE, 0.5)));
    assertEquals(List.of(), check(tone(2 * RATE, 0.002)));
  }

  @Test
  void silenceIsNamedWithItsLevel() throws IOException {
    assertEquals(
        List.of(new AudioWarning(Kind.SILENCE, "silent: digital silence, below -60 dBFS")),
        check(new float[RATE]));
    assertEquals(
        List.of(new AudioWarning(Kind.SILENCE, "silent: peak -66 dBFS, below -60 dBFS")),
        check(tone(2 * RATE, 0.0005)));
  }

  @Test
  void shortSpeechIsMeasuredWithoutItsPauses() throws IOException {
    float[] samples = new float[3 * RATE];
    System.arraycopy(tone(RATE / 2, 0.5), 0, samples, RATE, RATE / 2);
    Random random = new Random(3);
    for (int i = 0; i < samples.length; i++) {
      samples[i] += (float) (1e-4 * random.nextGaussian());
    }
    assertEquals(
        List.of(new AudioWarning(Kind.SHORT_SPEECH, "short: 0.50 s of speech, less than 1.0 s")),
        check(samples));
  }

  @Test
  void clippingCountsTheShareAtFullScale() throws IOException {
    float[] samples = tone(2 * RATE, 0.9);
    Arrays.fill(samples, 0, 320, 1f);
    assertEquals(
        List.of(new AudioWarning(Kind.CLIPPING, "clipped: 1.00 % of the samples at full scale")),
        check(samples));
    Arrays.fill(samples, 20, 320, 0.5f);
    assertEquals(List.of(), check(samples));
  }

  @Test
  void noSamplesMeanNoLevelWarnings() throws IOException {
    assertTrue(check(new float[0]).isEmpty());
  }

  private static float[] tone(int samples, double amplitude) {
    float[] tone = new float[samples];
    for (int i = 0; i < samples; i++) {
      tone[i] = (float) (amplitude * Math.sin(2 * Math.PI * 440 * i / RATE));
    }
    return tone;
  }

  private static List<AudioWarning> check(float[] samples) throws IOException {
    MonoSink sink = new MonoSink("test", 1, ChannelChoice.FIRST, samples.length);
    for (float sample : samples) {
      sink.add(sample);
    }
    Source source = new Source(1, RATE, "TEST");
    return LevelCheck.decoded(sink, sink.samples(), source, List.of()).warnings();
  }
}
