package io.voiceprint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.voiceprint.audio.ChannelChoice;
import io.voiceprint.audio.PcmAudio;
import io.voiceprint.audio.Resampler;
import org.junit.jupiter.api.Test;

class IntakeTest {
  private static final EncoderLimits LIMITS =
      new EncoderLimits(16_000, 8_000, 192_000, 1680, 160_000, 4, 8, 8);

  private final Intake intake = new Intake(LIMITS, rate -> rate == 44_100, ChannelChoice.MIX);

  private static PcmAudio ramp(int samples, int rate) {
    float[] values = new float[samples];
    for (int i = 0; i < samples; i++) {
      values[i] = (float) i / samples;
    }
    return new PcmAudio(values, rate);
  }

  @Test
  void audioAtARateThatTheEngineTakesStaysAsItIs() {
    for (int rate : new int[] {16_000, 44_100}) {
      PcmAudio audio = ramp(rate, rate);
      assertSame(audio, intake.accept("audio", audio));
    }
  }

  @Test
  void audioAtAnotherRateIsResampled() {
    PcmAudio audio = ramp(8_000, 8_000);
    PcmAudio accepted = intake.accept("audio", audio);
    assertEquals(16_000, accepted.sampleRate());
    assertArrayEquals(Resampler.of(8_000, 16_000).resample(audio).samples(), accepted.samples());
  }

  @Test
  void lengthsCountAtTheNetworksRateWhoeverResamples() {
    PcmAudio longEnough = ramp(4628, 44_100);
    assertSame(longEnough, intake.accept("audio", longEnough));
    UnusableAudioException refused =
        assertThrows(
            UnusableAudioException.class, () -> intake.accept("audio", ramp(4627, 44_100)));
    assertEquals(
        "audio: too short: 4627 samples at 44100 Hz, which are 1679 at 16000 Hz, but the network"
            + " needs at least 1680 samples at 16000 Hz (0.105 s)",
        refused.getMessage());
  }
}
