package io.voiceprint.model;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The sizes of CAM++, as 3D-Speaker names them where they are arguments of its class.
 *
 * @param melBins features per frame ({@code feat_dim}), a multiple of 8
 * @param headChannels of the two-dimensional head
 * @param headBlocks residual blocks of the head's two stages
 * @param initChannels that enter the first dense block ({@code init_channels})
 * @param layers of each dense block
 * @param growthRate channels that a layer adds ({@code growth_rate})
 * @param bottleneck channels inside a layer ({@code bn_size · growth_rate})
 * @param maskChannels inside the context-aware mask, half of the bottleneck
 * @param embeddingSize elements D of the embedding
 */
public record CamPlusPlusArchitecture(
    int melBins,
    int headChannels,
    List<Integer> headBlocks,
    int initChannels,
    List<Integer> layers,
    int growthRate,
    int bottleneck,
    int maskChannels,
    int embeddingSize)
    implements Architecture {

  public CamPlusPlusArchitecture {
    headBlocks = List.copyOf(headBlocks);
    layers = List.copyOf(layers);
    if (melBins < 8 || melBins % 8 != 0) {
      throw new IllegalArgumentException("feat_dim=%d is not a multiple of 8".formatted(melBins));
    }
  }

  /** As published; 192 is the embedding size of the model for Mandarin, 512 of the others. */
  public static CamPlusPlusArchitecture published(int embeddingSize) {
    return new CamPlusPlusArchitecture(
        80, 32, List.of(2, 2), 128, List.of(12, 24, 16), 32, 128, 64, embeddingSize);
  }

  @Override
  public String paperName() {
    return "CAM++";
  }

  @Override
  public Pooling pooling() {
    return Pooling.TSTP;
  }

  @Override
  public Map<String, String> arguments() {
    Map<String, String> arguments = new LinkedHashMap<>();
    arguments.put("feat_dim", String.valueOf(melBins));
    arguments.put("embedding_size", String.valueOf(embeddingSize));
    arguments.put("growth_rate", String.valueOf(growthRate));
    arguments.put("bn_size", String.valueOf(bottleneck / growthRate));
    arguments.put("init_channels", String.valueOf(initChannels));
    return arguments;
  }

  /** One line for people. */
  @Override
  public String toString() {
    return "%s (init_channels=%d, growth_rate=%d, bn_size=%d, layers=%s, embedding_size=%d)"
        .formatted(
            paperName(), initChannels, growthRate, bottleneck / growthRate, layers, embeddingSize);
  }
}
