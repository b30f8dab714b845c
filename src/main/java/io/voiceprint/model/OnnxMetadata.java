package io.voiceprint.model;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * The metadata that published ONNX files carry: what describes another front end than ours is
 * refused. The keys are those that sherpa-onnx reads from speaker embedding models.
 */
final class OnnxMetadata {
  private static final Set<String> FRAMEWORKS = Set.of("3d-speaker", "3dspeaker", "modelscope");

  private OnnxMetadata() {}

  /**
   * Checks the statements about the features and the embedding.
   *
   * @throws ModelException naming the first one that is not met here
   */
  static void check(Path source, Map<String, String> metadata, int sampleRate, Architecture net) {
    require(source, metadata, "sample_rate", String.valueOf(sampleRate), "the rate in Hz");
    require(source, metadata, "output_dim", String.valueOf(net.embeddingSize()), "the embedding");
    require(
        source,
        metadata,
        "normalize_samples",
        "1",
        "samples are given within [-1, 1], not as int16");
    require(
        source,
        metadata,
        "feature_normalize_type",
        "global-mean",
        "the mean over time is subtracted from each utterance");
    require(source, metadata, "feature_dim", String.valueOf(net.melBins()), "mel bins");
    String framework = metadata.get("framework");
    if (framework != null && !FRAMEWORKS.contains(framework.toLowerCase(Locale.ROOT))) {
      throw new ModelException(
          "%s: its metadata says framework=%s, whose features differ from those of 3d-speaker, the one known here"
              .formatted(source, framework));
    }
  }

  private static void require(
      Path source, Map<String, String> metadata, String key, String expected, String meaning) {
    String stated = metadata.get(key);
    if (stated != null && !stated.equals(expected)) {
      throw new ModelException(
          "%s: its metadata says %s=%s, but %s is what is computed here (%s)"
              .formatted(source, key, stated, expected, meaning));
    }
  }
}
