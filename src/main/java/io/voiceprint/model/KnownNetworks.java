package io.voiceprint.model;

import io.voiceprint.checkpoint.CheckpointException;
import io.voiceprint.checkpoint.StateDict;
import io.voiceprint.graph.Graph;

/** The networks that are known: a line each to recognise and to build it. */
final class KnownNetworks {
  private static final int MAX_MEL_BINS = 1024;

  private KnownNetworks() {}

  /**
   * Tells by names and shapes which network a state dict holds.
   *
   * @param pooling the user's choice, or {@code null} to infer it
   * @throws ModelException if it is of no known network, or the pooling cannot be told or is not
   *     the network's
   */
  static Architecture recognise(StateDict dict, ModelConfig config, Pooling pooling) {
    Architecture found = new EcapaTdnnReader(dict, config).read();
    if (found == null) {
      found = new CamPlusPlusReader(dict, config).read();
    }
    if (found == null) {
      found = new Res2NetReader(dict, config).read(pooling);
    }
    if (found == null) {
      String first = dict.names().stream().limit(3).reduce((a, b) -> a + ", " + b).orElse("none");
      throw new ModelException(
          ("%s: not a network that is known here: none of the keys fuse_mode1234.* (ERes2Net), fuse34.* (ERes2NetV2), "
                  + "layer1.0.convs.* (Res2Net), blocks.0.conv.* and asp.* (ECAPA-TDNN), head.* and xvector.* (CAM++) is "
                  + "present; %d tensors, the first: %s")
              .formatted(dict.source(), dict.names().size(), first));
    }
    if (found.melBins() > MAX_MEL_BINS) {
      throw new ModelException(
          "%s: %s for %d mel bins; at most %d are supported"
              .formatted(dict.source(), found.paperName(), found.melBins(), MAX_MEL_BINS));
    }
    if (pooling != null && pooling != found.pooling()) {
      throw new ModelException(
          "%s: pooling %s was asked for, but %s has %s"
              .formatted(dict.source(), pooling, found.paperName(), found.pooling()));
    }
    return found;
  }

  /**
   * Builds a network's graph.
   *
   * @throws IllegalArgumentException if its sizes do not fit together
   */
  static Graph build(Architecture architecture, LayerSource weights) throws CheckpointException {
    if (architecture instanceof EcapaTdnnArchitecture net) {
      return EcapaTdnn.build(net, weights);
    }
    if (architecture instanceof CamPlusPlusArchitecture net) {
      return CamPlusPlus.build(net, weights);
    }
    return Res2NetFamily.build((Res2NetArchitecture) architecture, weights);
  }
}
