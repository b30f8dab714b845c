package io.voiceprint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.voiceprint.audio.AudioReader;
import io.voiceprint.audio.AudioWarning;
import io.voiceprint.audio.PcmAudio;
import io.voiceprint.golden.Golden;
import io.voiceprint.golden.Npy;
import io.voiceprint.model.Pooling;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** From files to embeddings, with the reference engine, against the original PyTorch code. */
@Timeout(300)
class SpeakerEncoderGoldenTest {
  private static final EncoderOptions OPTIONS =
      EncoderOptions.DEFAULTS.withDevice(Device.REFERENCE).withThreads(2);

  /** Recordings at another rate: the original resampled them with another filter. */
  private static final Set<String> RESAMPLED = Set.of("fmt_8k", "fmt_44k1_stereo");

  /** 0.9974 and 0.9986 were seen. */
  private static final double RESAMPLED_COSINE = 0.995;

  private static Path wav(String name) {
    return Golden.root().resolve("wav").resolve(name + ".wav");
  }

  private static SpeakerEncoder micro() {
    return SpeakerEncoder.open(Golden.model("eres2net_micro").resolve("model.ckpt"), OPTIONS);
  }

  @Test
  void filesGiveTheOriginalsEmbeddings() {
    double bound = Golden.bound("eres2net_micro");
    try (SpeakerEncoder encoder = micro()) {
      for (String name : Golden.usableWavs("eres2net_micro")) {
        double[] expected = Golden.embedding("eres2net_micro", name);
        float[] actual = encoder.embed(wav(name)).values();
        if (RESAMPLED.contains(name)) {
          double cosine = Golden.cosine(actual, expected);
          assertTrue(cosine >= RESAMPLED_COSINE, name + ": cosine=" + cosine);
        } else {
          double error = Golden.relativeL2(actual, expected);
          assertTrue(error <= bound, name + ": error=" + error);
        }
      }
    }
  }

  @Test
  void filesThatAreTooShortAreRefusedWithTheLengthNeeded() {
    try (SpeakerEncoder encoder = micro()) {
      List<String> names = Golden.unusableWavs("eres2net_micro");
      assertFalse(names.isEmpty());
      for (String name : names) {
        UnusableAudioException refused =
            assertThrows(UnusableAudioException.class, () -> encoder.embed(wav(name)));
        assertTrue(
            refused.getMessage().startsWith(wav(name) + ": too short: ")
                && refused.getMessage().contains("at least 1680 samples at 16000 Hz (0.105 s)"),
            refused.getMessage());
      }
    }
  }

  @Test
  void companyChangesNothing() throws Exception {
    List<PcmAudio> clips = new ArrayList<>();
    List<Embedding> alone = new ArrayList<>();
    try (SpeakerEncoder encoder = micro()) {
      for (String name : Golden.usableWavs("eres2net_micro")) {
        PcmAudio clip = new AudioReader().read(wav(name)).audio();
        if (clip.seconds() < 10) {
          clips.add(clip);
          alone.add(encoder.embed(clip));
        }
      }
      assertEquals(
          alone, encoder.embedAll(clips).stream().map(EmbeddingResult::orElseThrow).toList());

      List<Thread> threads = new ArrayList<>();
      List<CompletableFuture<List<Embedding>>> seen = new ArrayList<>();
      for (int t = 0; t < 6; t++) {
        CompletableFuture<List<Embedding>> mine = new CompletableFuture<>();
        seen.add(mine);
        Thread thread =
            new Thread(() -> mine.complete(clips.stream().map(encoder::embed).toList()));
        threads.add(thread);
        thread.start();
      }
      List<CompletableFuture<Embedding>> later = clips.stream().map(encoder::embedAsync).toList();
      for (Thread thread : threads) {
        thread.join();
      }
      for (CompletableFuture<List<Embedding>> each : seen) {
        assertEquals(alone, each.getNow(null));
      }
      assertEquals(alone, later.stream().map(CompletableFuture::join).toList());
      assertEquals(9L * clips.size(), encoder.stats().utterances());
    }
  }

  @Test
  void poolingThatTheWeightsLeaveOpenIsAskedFor(@TempDir Path folder) throws IOException {
    Path original = Golden.model("eres2net_tiny_TSDP").resolve("model.ckpt");
    Path alone = Files.copy(original, folder.resolve("model.ckpt"));
    UnusableModelException refused =
        assertThrows(UnusableModelException.class, () -> SpeakerEncoder.open(alone, OPTIONS));
    assertTrue(
        refused.getMessage().contains("TAP") && refused.getMessage().contains("TSDP"),
        refused.getMessage());
    try (SpeakerEncoder encoder = SpeakerEncoder.open(alone, OPTIONS.withPooling(Pooling.TSDP))) {
      double error =
          Golden.relativeL2(
              encoder.embed(wav("speech_0p3s")).values(),
              Golden.embedding("eres2net_tiny_TSDP", "speech_0p3s"));
      assertTrue(error <= Golden.bound("eres2net_tiny_TSDP"), "error=" + error);
    }
  }

  /** Lines of the manifest whose expected outcome is an error and nothing else. */
  private static Stream<Path> bad(String extension) {
    Path folder = Golden.root().resolve("bad");
    return Golden.lines(folder.resolve("manifest.csv")).stream()
        .filter(line -> line.matches("[^,]+\\." + extension + ",(\"[^\"]*\"|[^,\"]*),error.*"))
        .filter(line -> !line.contains(",error or "))
        .map(line -> folder.resolve(line.substring(0, line.indexOf(','))));
  }

  @Test
  void malformedModelsAreRefusedInOneLine() {
    List<Path> files = bad("ckpt").toList();
    assertTrue(files.size() > 10, "files=" + files.size());
    for (Path file : files) {
      assertOneLine(
          file,
          assertThrows(
              UnusableModelException.class,
              () -> SpeakerEncoder.open(file, OPTIONS),
              file::toString));
    }
  }

  @Test
  void malformedAudioIsRefusedInOneLine() {
    List<Path> files = bad("wav").toList();
    assertTrue(files.size() > 10, "files=" + files.size());
    try (SpeakerEncoder encoder = micro()) {
      for (Path file : files) {
        assertOneLine(
            file,
            assertThrows(UnusableAudioException.class, () -> encoder.embed(file), file::toString));
      }
    }
  }

  private static void assertOneLine(Path file, VoiceprintException refused) {
    String message = refused.getMessage();
    assertTrue(message.contains(file.getFileName().toString()), message);
    assertEquals(1, message.lines().count(), message);
  }

  @Test
  void filesThatAreMissingAreNamed() {
    Path missing = Path.of("missing", "file");
    UnusableModelException noModel =
        assertThrows(UnusableModelException.class, () -> SpeakerEncoder.open(missing, OPTIONS));
    assertEquals(missing + ": no such file", noModel.getMessage());
    try (SpeakerEncoder encoder = micro()) {
      UnusableAudioException noAudio =
          assertThrows(UnusableAudioException.class, () -> encoder.embed(missing));
      assertEquals(missing + ": no such file", noAudio.getMessage());
    }
  }

  @Test
  void whatTheReaderFindsDoubtfulReachesTheCaller() {
    try (SpeakerEncoder encoder = micro()) {
      assertEquals(
          List.of(AudioWarning.Kind.SILENCE),
          encoder.embed(wav("edge_silence")).warnings().stream().map(AudioWarning::kind).toList());
      assertEquals(List.of(), encoder.embed(wav("leijun-sr-1")).warnings());
    }
  }

  @Test
  void demoWeightsTellVoicesApart() {
    Path demo = Golden.root().resolveSibling("demo-weights");
    assumeTrue(Files.isDirectory(demo), "the demo weights are not beside the reference data");
    try (SpeakerEncoder encoder =
        SpeakerEncoder.open(demo.resolve("eres2net_demo.safetensors"), OPTIONS)) {
      assertEquals(786_416, encoder.modelInfo().parameters());
      assertEquals(192, encoder.modelInfo().embeddingSize());
      List<String> names = new ArrayList<>();
      List<Embedding> embeddings = new ArrayList<>();
      for (String voice : List.of("a", "b", "c")) {
        for (int sentence = 1; sentence <= 2; sentence++) {
          String name = "voice_%s_%d.wav".formatted(voice, sentence);
          Embedding embedding = encoder.embed(demo.resolve("samples").resolve(name));
          Npy expected = Npy.read(demo.resolve("embeddings").resolve(name + ".npy"));
          double error = Golden.relativeL2(embedding.values(), expected.data());
          assertTrue(error <= 1e-5, name + ": error=" + error);
          names.add(voice);
          embeddings.add(embedding);
        }
      }
      for (int i = 0; i < names.size(); i++) {
        for (int j = 0; j < i; j++) {
          boolean same = names.get(i).equals(names.get(j));
          assertEquals(same, embeddings.get(i).cosine(embeddings.get(j)) >= 0.5, i + "/" + j);
        }
      }
    }
  }
}
