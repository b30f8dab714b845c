package io.voiceprint.bench;

import io.voiceprint.model.Architecture;
import io.voiceprint.model.CamPlusPlusArchitecture;
import io.voiceprint.model.EcapaTdnnArchitecture;
import io.voiceprint.model.Pooling;
import io.voiceprint.model.Res2NetArchitecture;
import io.voiceprint.model.Res2NetArchitecture.Family;
import io.voiceprint.model.SpeakerModel;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Published networks by name, with random weights: speed does not depend on what was learned. The
 * constructor arguments are those of 3D-Speaker's classes and of its inference script.
 */
public enum SeededNetwork {
  ERES2NET_BASE,
  ERES2NET_LARGE,
  ERES2NET_HUGE,
  ERES2NETV2,
  ERES2NETV2_W24S4EP4,
  RES2NET,
  ECAPA_TDNN,
  /** CAM++. */
  CAM_PLUS_PLUS,
  /** Of no use but to try the program out where everything is slow. */
  ERES2NET_MICRO;

  private static final List<Integer> BLOCKS = List.of(3, 4, 6, 3);
  private static final long SEED = 130;

  private Architecture architecture() {
    return switch (this) {
      case ERES2NET_BASE -> of(Family.ERES2NET, BLOCKS, 32, 32, 2, 2, 512);
      case ERES2NET_LARGE -> of(Family.ERES2NET, BLOCKS, 64, 32, 2, 2, 512);
      case ERES2NET_HUGE -> of(Family.ERES2NET, BLOCKS, 64, 24, 3, 4, 192);
      case ERES2NETV2 -> of(Family.ERES2NETV2, BLOCKS, 64, 26, 2, 2, 192);
      case ERES2NETV2_W24S4EP4 -> of(Family.ERES2NETV2, BLOCKS, 64, 24, 4, 4, 192);
      case RES2NET -> of(Family.RES2NET, BLOCKS, 32, 32, 2, 2, 192);
      case ECAPA_TDNN -> EcapaTdnnArchitecture.published(1024, 192);
      case CAM_PLUS_PLUS -> CamPlusPlusArchitecture.published(512);
      case ERES2NET_MICRO -> of(Family.ERES2NET, List.of(1, 1, 1, 1), 2, 32, 2, 2, 8);
    };
  }

  private static Res2NetArchitecture of(
      Family family,
      List<Integer> blocks,
      int channels,
      int baseWidth,
      int scale,
      int expansion,
      int embeddingSize) {
    return new Res2NetArchitecture(
        family,
        80,
        channels,
        blocks,
        baseWidth,
        scale,
        expansion,
        Pooling.TSTP,
        embeddingSize,
        false);
  }

  /** The network; the same weights each time. */
  public SpeakerModel build() {
    return SpeakerModel.seeded(architecture(), SEED);
  }

  /**
   * The inverse of {@link #toString}.
   *
   * @throws IllegalArgumentException if there is no such network
   */
  static SeededNetwork named(String name) {
    return Arrays.stream(values())
        .filter(network -> network.toString().equals(name))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no network is called " + name));
  }

  /** As command lines spell it, such as {@code eres2net-base}. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace("_plus", "+").replace('_', '-');
  }
}
