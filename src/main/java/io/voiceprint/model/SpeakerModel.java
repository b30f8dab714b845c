package io.voiceprint.model;

import io.voiceprint.checkpoint.CheckpointException;
import io.voiceprint.checkpoint.StateDict;
import io.voiceprint.frontend.FbankOptions;
import io.voiceprint.graph.Graph;
import io.voiceprint.graph.Tensor;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * A recognised network, ready for any engine.
 *
 * @param source the weight file
 * @param architecture what was recognised
 * @param graph the network with batch norm folded in
 * @param frontEnd the features it expects
 * @param parameters trainable parameters, as PyTorch counts them
 * @param threshold cosine at and above which two embeddings count as one speaker's, where the
 *     model's metadata ({@code threshold} in {@code config.json} or in the safetensors header)
 *     states one
 * @param foldedTensors the graph's weights under their names in the state dict
 */
public record SpeakerModel(
    Path source,
    Architecture architecture,
    Graph graph,
    FbankOptions frontEnd,
    long parameters,
    OptionalDouble threshold,
    Map<String, Tensor> foldedTensors) {
  private static final int MAX_FAULTS_SHOWN = 10;

  public SpeakerModel {
    foldedTensors = Collections.unmodifiableMap(new LinkedHashMap<>(foldedTensors));
  }

  /**
   * Loads a weight file of any supported container and recognises its network.
   *
   * @param pooling settles the pooling where the weights cannot (TAP against TSDP); {@code null} to
   *     infer it
   * @throws CheckpointException if the file is not a readable weight file
   * @throws ModelException if it holds no known network, or one with missing, extra or misshapen
   *     keys
   */
  public static SpeakerModel load(Path file, Pooling pooling) throws CheckpointException {
    return of(StateDict.open(file), pooling);
  }

  /** What is read beside a weight file, if it is there: {@code config.json} in its folder. */
  public static Path configuration(Path file) {
    return ModelConfig.file(file);
  }

  /**
   * A network with random weights, for measuring speed and checking engines: the same seed gives
   * the same weights.
   *
   * @throws IllegalArgumentException if the architecture cannot be built
   */
  public static SpeakerModel seeded(Architecture architecture, long seed) {
    SeededLayers layers = new SeededLayers(seed);
    try {
      return new SpeakerModel(
          Path.of("seeded-weights"),
          architecture,
          KnownNetworks.build(architecture, layers),
          FbankOptions.speaker(architecture.melBins()),
          layers.parameters(),
          OptionalDouble.empty(),
          Map.of());
    } catch (CheckpointException e) {
      throw new AssertionError("seeded weights come from no file", e);
    }
  }

  /** As {@link #load}, from an open state dict. */
  public static SpeakerModel of(StateDict dict, Pooling pooling) throws CheckpointException {
    ModelConfig config = ModelConfig.beside(dict.source(), dict.metadata());
    if (dict.network() == null) {
      return of(OverParameterised.fold(dict), config, pooling);
    }
    OnnxNetwork found = OnnxNetwork.read(dict);
    if (pooling != null && pooling != found.pooling()) {
      throw new ModelException(
          "%s: pooling %s was asked for, but the ONNX graph computes %s"
              .formatted(dict.source(), pooling, found.pooling()));
    }
    config.require("pooling_func", found.pooling().name(), dict.source());
    for (Map.Entry<String, String> fact : found.facts().entrySet()) {
      config.require(fact.getKey(), fact.getValue(), dict.source());
      config = config.with(fact.getKey(), fact.getValue());
    }
    SpeakerModel model = of(found.weights(), config, found.pooling());
    OnnxMetadata.check(
        dict.source(), dict.metadata(), model.frontEnd().sampleRate(), model.architecture());
    return model;
  }

  private static SpeakerModel of(StateDict dict, ModelConfig config, Pooling pooling)
      throws CheckpointException {
    Architecture architecture = KnownNetworks.recognise(dict, config, pooling);
    WeightReader weights = new WeightReader(dict);
    Graph graph;
    try {
      graph = KnownNetworks.build(architecture, weights);
    } catch (IllegalArgumentException e) {
      throw new ModelException(
          "%s: recognised as %s, which cannot be built: %s"
              .formatted(dict.source(), architecture, e.getMessage()),
          e);
    }
    var faults = weights.faults();
    if (!faults.isEmpty()) {
      String shown =
          String.join("; ", faults.subList(0, Math.min(MAX_FAULTS_SHOWN, faults.size())));
      throw new ModelException(
          "%s: recognised as %s by its keys and shapes, but %s%s"
              .formatted(
                  dict.source(),
                  architecture,
                  shown,
                  faults.size() > MAX_FAULTS_SHOWN
                      ? "; and %d more".formatted(faults.size() - MAX_FAULTS_SHOWN)
                      : ""));
    }
    Double threshold = config.number("threshold");
    return new SpeakerModel(
        dict.source(),
        architecture,
        graph,
        FbankOptions.speaker(architecture.melBins()),
        weights.parameters(),
        threshold == null ? OptionalDouble.empty() : OptionalDouble.of(threshold),
        weights.foldedTensors());
  }
}
