package io.voiceprint.golden;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.voiceprint.frontend.Features;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The reference data of the original PyTorch code, found through the environment variable
 * VOICEPRINT_GOLDEN.
 */
public final class Golden {
  /** Models of the Res2Net family in the reference data. */
  public static final List<String> RES2NET_FAMILY =
      List.of(
          "eres2net_micro",
          "eres2net_odd",
          "eres2net_tiny",
          "eres2net_tiny_two_emb",
          "eres2net_tiny_TAP",
          "eres2net_tiny_TSDP",
          "eres2net_tiny_ASTP",
          "eres2net_huge_tiny",
          "eres2netv2_tiny",
          "eres2netv2_w24s4ep4_tiny",
          "res2net_tiny",
          "eres2net_base");

  /** Models whose layers run along time alone, at least from a head on. */
  public static final List<String> TEMPORAL = List.of("ecapa_tdnn_tiny", "campplus_tiny");

  private Golden() {}

  /** The folder of the reference data; aborts the test, saying so, where it is not set. */
  public static Path root() {
    String root = System.getenv("VOICEPRINT_GOLDEN");
    assumeTrue(root != null, "VOICEPRINT_GOLDEN is not set: the golden data is needed here");
    return Path.of(root);
  }

  /** Folder of a model. */
  public static Path model(String name) {
    return root().resolve("models").resolve(name);
  }

  /** Whether a model is in this copy of the reference data. */
  public static boolean has(String model) {
    return Files.exists(model(model).resolve("model.ckpt"));
  }

  /** The wavs that can be read and have at least one frame. */
  public static List<Wav> wavs() {
    return lines(root().resolve("wav.csv")).stream()
        .skip(1)
        .map(line -> line.split(",", -1))
        .filter(fields -> fields[1].equals("ok"))
        .map(fields -> new Wav(fields[0], Integer.parseInt(fields[3])))
        .toList();
  }

  /**
   * A good wav of the reference data.
   *
   * @param name without ending
   * @param sampleRate in Hz
   */
  public record Wav(String name, int sampleRate) {
    public Path file() {
      return root().resolve("wav").resolve(name + ".wav");
    }
  }

  /** Features after mean subtraction of one wav. */
  public static Features features(String wav) {
    Npy npy = Npy.read(root().resolve("fbank_cmn").resolve(wav + ".npy"));
    return new Features(npy.shape()[0], npy.shape()[1], npy.floats());
  }

  /** The float64 embedding of one wav. */
  public static double[] embedding(String model, String wav) {
    return Npy.read(model(model).resolve("embeddings").resolve(wav + ".npy")).data();
  }

  /** Names of the wavs for which a model's embedding is defined. */
  public static List<String> usableWavs(String model) {
    return statusLines(model)
        .filter(fields -> fields[2].equals("ok"))
        .map(fields -> fields[0])
        .toList();
  }

  /** Names of the wavs that are too short for a model. */
  public static List<String> unusableWavs(String model) {
    return statusLines(model)
        .filter(fields -> !fields[2].equals("ok"))
        .map(fields -> fields[0])
        .toList();
  }

  private static Stream<String[]> statusLines(String model) {
    return lines(model(model).resolve("status.csv")).stream()
        .skip(1)
        .map(line -> line.split(",", -1));
  }

  /**
   * Bound on the relative L2 error of an embedding: five times what float32 PyTorch itself shows,
   * at least 1e-4.
   */
  public static double bound(String model) {
    String config = String.join("\n", lines(model(model).resolve("config.json")));
    Matcher matcher = Pattern.compile("\"f32_rel_l2_max\": ([-+.e0-9]+)").matcher(config);
    if (!matcher.find()) {
      throw new IllegalStateException(model + ": no f32_rel_l2_max in config.json");
    }
    return Math.max(1e-4, 5 * Double.parseDouble(matcher.group(1)));
  }

  /** Lines of a text file. */
  public static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** ‖actual - expected‖ / ‖expected‖. */
  public static double relativeL2(float[] actual, double[] expected) {
    if (actual.length != expected.length) {
      throw new AssertionError("length %d, expected %d".formatted(actual.length, expected.length));
    }
    double error = 0;
    double norm = 0;
    for (int i = 0; i < expected.length; i++) {
      error += (actual[i] - expected[i]) * (actual[i] - expected[i]);
      norm += expected[i] * expected[i];
    }
    // Where all of it should be zero, any error is large.
    return Math.sqrt(error / Math.max(norm, Double.MIN_NORMAL));
  }

  /** Cosine of the angle between two vectors. */
  public static double cosine(float[] a, double[] b) {
    double ab = 0;
    double aa = 0;
    double bb = 0;
    for (int i = 0; i < b.length; i++) {
      ab += a[i] * b[i];
      aa += (double) a[i] * a[i];
      bb += b[i] * b[i];
    }
    return ab / Math.sqrt(aa * bb);
  }
}
