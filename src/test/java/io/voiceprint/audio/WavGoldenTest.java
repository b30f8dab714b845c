package io.voiceprint.audio;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.voiceprint.golden.Golden;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** WAV files of the reference data: what must be read, and what must be refused. */
class WavGoldenTest {
  private final AudioReader reader = new AudioReader();
  private final Path golden = Golden.root();

  @Test
  void readsEveryFileAsListed() throws IOException {
    List<String> lines = Files.readAllLines(golden.resolve("wav.csv"));
    assertTrue(lines.size() > 20, "wav.csv lists " + (lines.size() - 1) + " files");
    for (String line : lines.subList(1, lines.size())) {
      String[] column = line.split(",", -1);
      DecodedAudio decoded = reader.read(golden.resolve("wav/" + column[0] + ".wav"));
      assertEquals(Integer.parseInt(column[3]), decoded.sourceSampleRate(), column[0]);
      assertEquals(Integer.parseInt(column[4]), decoded.channels(), column[0]);
      assertEquals(Integer.parseInt(column[5]), decoded.audio().samples().length, column[0]);
      assertEquals(
          Integer.parseInt(column[6]), decoded.resampled(16_000).audio().samples().length, line);
    }
  }

  @Test
  void everyEncodingOfOneClipGivesTheClip() throws IOException {
    float[] reference = samples("fmt_ref_pcm16");
    assertArrayEquals(reference, samples("fmt_list_chunks"));
    assertArrayEquals(reference, samples("fmt_16k_stereo"));
    assertArrayEquals(reference, samples("fmt_pcm24"), 1f / 32768);
    assertArrayEquals(reference, samples("fmt_float32"), 1f / 32768);
    float[] mulaw = samples("fmt_mulaw");
    for (int i = 0; i < reference.length; i++) {
      assertEquals(reference[i], mulaw[i], 0.04f * Math.abs(reference[i]) + 2f / 8192);
    }
  }

  @Test
  void everyBadFileEndsAsListed() throws IOException {
    List<String> lines = Files.readAllLines(golden.resolve("bad/manifest.csv"));
    int checked = 0;
    for (String line : lines) {
      String name = line.substring(0, line.indexOf(','));
      if (!name.endsWith(".wav")) {
        continue;
      }
      checked++;
      Path file = golden.resolve("bad/" + name);
      switch (name) {
        case "data_longer_than_file.wav" -> assertWarns(file, AudioWarning.Kind.TRUNCATED, 8000);
        case "data_size_ffffffff.wav" -> assertWarns(file, AudioWarning.Kind.UNKNOWN_LENGTH, 8000);
        case "odd_data_length.wav" -> assertWarns(file, AudioWarning.Kind.TRUNCATED, 7999);
        case "riff_size_zero.wav" -> assertEquals(8000, reader.read(file).audio().samples().length);
        case "zero_samples.wav" -> assertEquals(0, reader.read(file).audio().samples().length);
        case "out_of_range_float.wav" -> assertClipped(file);
        default -> assertRefused(file);
      }
    }
    assertTrue(checked >= 20, checked + " bad WAV files");
  }

  private void assertWarns(Path file, AudioWarning.Kind kind, int samples) throws IOException {
    DecodedAudio decoded = reader.read(file);
    assertTrue(
        decoded.warnings().stream().anyMatch(w -> w.kind() == kind),
        file + ": " + decoded.warnings());
    assertEquals(samples, decoded.audio().samples().length, file.toString());
  }

  private void assertClipped(Path file) throws IOException {
    float peak = 0;
    for (float sample : reader.read(file).audio().samples()) {
      peak = Math.max(peak, Math.abs(sample));
    }
    assertEquals(1f, peak, file.toString());
  }

  private void assertRefused(Path file) throws IOException {
    try {
      reader.read(file);
      fail(file + " was read");
    } catch (AudioException e) {
      assertTrue(e.getMessage().startsWith(file + ": "), e.getMessage());
      assertTrue(e.getMessage().lines().count() == 1, e.getMessage());
    }
  }

  private float[] samples(String name) throws IOException {
    return reader.read(golden.resolve("wav/" + name + ".wav")).audio().samples();
  }

  @Test
  void realClipsHaveNoFormatWarnings() throws IOException {
    try (Stream<Path> files = Files.list(golden.resolve("wav"))) {
      for (Path file : files.filter(f -> f.getFileName().toString().contains("-sr-")).toList()) {
        assertEquals(List.of(), reader.read(file).warnings(), file.toString());
      }
    }
  }
}
