package io.voiceprint.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class AudioInputTest {

  @ParameterizedTest
  @CsvSource({
    "a.wav, a.wav",
    "a/b.wav, a/b.wav",
    "./a/./b.wav, a/b.wav",
    "a/../b.wav, b.wav",
    "../b.wav, b.wav",
    "../../a/../../b.wav, b.wav",
    "a/../../../b.wav, b.wav",
    "/data/a/b.wav, data/a/b.wav",
    "/../../b.wav, b.wav",
    "..., ...",
    ".., unnamed",
    "/, unnamed",
    "'', unnamed"
  })
  void givesAKeyThatStaysBelow(Path given, Path key) {
    assertEquals(key, AudioInput.file(given).key());
    assertEquals(given.toString(), AudioInput.file(given).name());
  }

  @Test
  void keepsThePathBelowAFolder() {
    AudioInput input = AudioInput.below(Path.of("/data/corpus"), Path.of("/data/corpus/a/b.wav"));
    assertEquals(Path.of("a/b.wav"), input.key());
    assertEquals("/data/corpus/a/b.wav", input.name());
  }
}
