package io.voiceprint.model;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The constructor arguments of a network of the Res2Net family, as 3D-Speaker names them.
 *
 * @param family which class
 * @param melBins features per frame ({@code feat_dim})
 * @param channels width of the stem ({@code m_channels}); stage n works at {@code channels ·
 *     2^(n-1)} planes
 * @param blocks residual blocks per stage ({@code num_blocks})
 * @param baseWidth a block splits into parts of {@code floor(planes · baseWidth / 64)} channels
 * @param scale parts of a block
 * @param expansion output channels of a block per plane
 * @param pooling over time
 * @param embeddingSize elements D of the embedding
 * @param twoEmbeddingLayers whether a second linear layer follows ({@code two_emb_layer})
 */
public record Res2NetArchitecture(
    Family family,
    int melBins,
    int channels,
    List<Integer> blocks,
    int baseWidth,
    int scale,
    int expansion,
    Pooling pooling,
    int embeddingSize,
    boolean twoEmbeddingLayers)
    implements Architecture {

  /** The network classes, by the paper's names. */
  public enum Family {
    /**
     * Chen et al., Interspeech 2023: local and global feature fusion; the huge variant differs in
     * width only.
     */
    ERES2NET("ERes2Net"),
    /** Chen et al., Interspeech 2024: fusion of the last two stages only. */
    ERES2NETV2("ERes2NetV2"),
    /** The baseline of the ERes2Net paper, without fusion. */
    RES2NET("Res2Net");

    private final String paperName;

    Family(String paperName) {
      this.paperName = paperName;
    }

    public String paperName() {
      return paperName;
    }

    /**
     * 3x3 convolutions of a block of {@code scale} parts: plain Res2Net passes the last part on
     * unchanged.
     */
    int convolutions(int scale) {
      return this == RES2NET ? scale - 1 : scale;
    }

    int scale(int convolutions) {
      return this == RES2NET ? convolutions + 1 : convolutions;
    }
  }

  public Res2NetArchitecture {
    blocks = List.copyOf(blocks);
  }

  Res2NetArchitecture withPooling(Pooling other) {
    return new Res2NetArchitecture(
        family,
        melBins,
        channels,
        blocks,
        baseWidth,
        scale,
        expansion,
        other,
        embeddingSize,
        twoEmbeddingLayers);
  }

  /** Planes of stage 1 to 4. */
  int planes(int stage) {
    return channels << (stage - 1);
  }

  /** Channels of one part of a block of stage 1 to 4. */
  int width(int stage) {
    return width(planes(stage), baseWidth);
  }

  static int width(int planes, int baseWidth) {
    return (int) ((long) planes * baseWidth / 64);
  }

  /** Channels that a block of stage 1 to 4 puts out. */
  int outChannels(int stage) {
    return planes(stage) * expansion;
  }

  /** Whether the parts of a block are joined by attentional fusion instead of a sum. */
  boolean fusesParts(int stage) {
    return family != Family.RES2NET && stage >= 3;
  }

  /** Rows (C·F) that enter the pooling. */
  int pooledRows() {
    return outChannels(4) * (melBins / 8);
  }

  @Override
  public String paperName() {
    return family.paperName();
  }

  @Override
  public Map<String, String> arguments() {
    Map<String, String> arguments = new LinkedHashMap<>();
    arguments.put("feat_dim", String.valueOf(melBins));
    arguments.put("m_channels", String.valueOf(channels));
    arguments.put(
        "num_blocks", blocks.stream().map(String::valueOf).collect(Collectors.joining(",")));
    arguments.put("baseWidth", String.valueOf(baseWidth));
    arguments.put("scale", String.valueOf(scale));
    arguments.put("expansion", String.valueOf(expansion));
    arguments.put("pooling_func", pooling.name());
    arguments.put("embedding_size", String.valueOf(embeddingSize));
    arguments.put("two_emb_layer", String.valueOf(twoEmbeddingLayers));
    return arguments;
  }

  /** One line for people, such as {@code ERes2Net (m_channels=32, num_blocks=[3, 4, 6, 3], …)}. */
  @Override
  public String toString() {
    return "%s (m_channels=%d, num_blocks=[%s], baseWidth=%d, scale=%d, expansion=%d, %s pooling, embedding_size=%d%s)"
        .formatted(
            family.paperName(),
            channels,
            blocks.stream().map(String::valueOf).collect(Collectors.joining(", ")),
            baseWidth,
            scale,
            expansion,
            pooling,
            embeddingSize,
            twoEmbeddingLayers ? ", two_emb_layer" : "");
  }
}
