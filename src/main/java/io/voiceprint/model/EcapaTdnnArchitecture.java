package io.voiceprint.model;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The constructor arguments of ECAPA-TDNN, as 3D-Speaker names them.
 *
 * @param melBins features per frame ({@code input_size})
 * @param channels of the first layer, of each block, and of the aggregation of all blocks
 * @param kernelSizes time steps of their kernels
 * @param dilations of their kernels
 * @param attentionChannels hidden units of the attentive pooling
 * @param scale parts of a block ({@code res2net_scale})
 * @param seChannels inside a squeeze-and-excitation
 * @param embeddingSize elements D of the embedding ({@code lin_neurons})
 */
public record EcapaTdnnArchitecture(
    int melBins,
    List<Integer> channels,
    List<Integer> kernelSizes,
    List<Integer> dilations,
    int attentionChannels,
    int scale,
    int seChannels,
    int embeddingSize)
    implements Architecture {

  public EcapaTdnnArchitecture {
    channels = List.copyOf(channels);
    kernelSizes = List.copyOf(kernelSizes);
    dilations = List.copyOf(dilations);
    if (channels.size() < 3
        || kernelSizes.size() != channels.size()
        || dilations.size() != channels.size()) {
      throw new IllegalArgumentException(
          "channels=%s, kernel_sizes=%s, dilations=%s must be as many, at least 3"
              .formatted(channels, kernelSizes, dilations));
    }
  }

  /** As published, with {@code width} channels in the blocks and three times as many behind. */
  public static EcapaTdnnArchitecture published(int width, int embeddingSize) {
    return new EcapaTdnnArchitecture(
        80,
        List.of(width, width, width, width, 3 * width),
        List.of(5, 3, 3, 3, 1),
        List.of(1, 2, 3, 4, 1),
        128,
        8,
        128,
        embeddingSize);
  }

  /** SE-Res2Net blocks, which are numbered from 1. */
  int blocks() {
    return channels.size() - 2;
  }

  @Override
  public String paperName() {
    return "ECAPA-TDNN";
  }

  @Override
  public Pooling pooling() {
    return Pooling.ASTP;
  }

  @Override
  public Map<String, String> arguments() {
    Map<String, String> arguments = new LinkedHashMap<>();
    arguments.put("input_size", String.valueOf(melBins));
    arguments.put("channels", joined(channels));
    arguments.put("kernel_sizes", joined(kernelSizes));
    arguments.put("dilations", joined(dilations));
    arguments.put("attention_channels", String.valueOf(attentionChannels));
    arguments.put("res2net_scale", String.valueOf(scale));
    arguments.put("se_channels", String.valueOf(seChannels));
    arguments.put("lin_neurons", String.valueOf(embeddingSize));
    return arguments;
  }

  private static String joined(List<Integer> list) {
    return list.stream().map(String::valueOf).collect(Collectors.joining(","));
  }

  /** One line for people. */
  @Override
  public String toString() {
    return "%s (channels=%s, kernel_sizes=%s, dilations=%s, attention_channels=%d, res2net_scale=%d, se_channels=%d, lin_neurons=%d)"
        .formatted(
            paperName(),
            channels,
            kernelSizes,
            dilations,
            attentionChannels,
            scale,
            seChannels,
            embeddingSize);
  }
}
