package io.voiceprint.model;

import java.util.Map;

/** Which network, and its sizes: the constructor arguments of one of 3D-Speaker's classes. */
public sealed interface Architecture
    permits Res2NetArchitecture, EcapaTdnnArchitecture, CamPlusPlusArchitecture {

  /** The network's name in the paper. */
  String paperName();

  /** Mel bins per frame of the features. */
  int melBins();

  /** Elements D of the embedding. */
  int embeddingSize();

  /** The pooling over time. */
  Pooling pooling();

  /**
   * The constructor arguments by 3D-Speaker's names, lists with commas: what a loader cannot always
   * tell from the weights, or may check them against.
   */
  Map<String, String> arguments();
}
