package io.voiceprint.graph;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * A graph in the large: its nodes grouped into stages by their names, for people.
 *
 * @param stages in execution order, the input first
 */
public record Outline(List<Stage> stages) {

  public Outline {
    stages = List.copyOf(stages);
  }

  /**
   * Nodes that belong together.
   *
   * @param name the part of their names that they share
   * @param content what the stage is made of, such as {@code 3 blocks: 12 conv, 3 concat}
   * @param sources positions of the stages it reads from
   * @param shape of what it computes
   * @param weights constants of all its nodes
   */
  public record Stage(
      String name, String content, List<Integer> sources, Shape shape, long weights) {
    public Stage {
      sources = List.copyOf(sources);
    }

    /** The shape as (C × F × T) with its time stride, or the vector's size. */
    public String shapeText() {
      if (shape instanceof Shape.FeatureMap map) {
        String time = map.timeStride() == 1 ? "T" : "T/" + map.timeStride();
        return "%d × %d × %s".formatted(map.channels(), map.frequency(), time);
      }
      return String.valueOf(((Shape.Vector) shape).size());
    }
  }

  /** Groups the nodes of a graph. */
  public static Outline of(Graph graph) {
    Map<String, List<Node>> groups = new LinkedHashMap<>();
    String[] groupOf = new String[graph.nodes().size()];
    for (Node node : graph.nodes()) {
      String group = group(graph, node.name());
      groupOf[node.output().id()] = group;
      groups.computeIfAbsent(group, name -> new ArrayList<>()).add(node);
    }
    List<String> names = new ArrayList<>(groups.keySet());
    List<Stage> stages = new ArrayList<>();
    for (String name : names) {
      List<Node> nodes = groups.get(name);
      Set<Integer> sources = new LinkedHashSet<>();
      long weights = 0;
      for (Node node : nodes) {
        weights += GraphCost.weights(node);
        for (Value input : node.inputs()) {
          if (!groupOf[input.id()].equals(name)) {
            sources.add(names.indexOf(groupOf[input.id()]));
          }
        }
      }
      Shape shape = nodes.get(nodes.size() - 1).output().shape();
      stages.add(new Stage(name, content(name, nodes), List.copyOf(sources), shape, weights));
    }
    return new Outline(stages);
  }

  /**
   * The name up to its first part with a number, such as {@code layer1} of {@code layer1.0.conv1};
   * else the outermost node around it, or the whole name.
   */
  private static String group(Graph graph, String name) {
    for (int end = name.indexOf('.'); end >= 0; end = name.indexOf('.', end + 1)) {
      String prefix = name.substring(0, end);
      boolean numbered = prefix.substring(prefix.lastIndexOf('.') + 1).matches(".*[0-9].*");
      if (numbered || graph.find(prefix) != null) {
        return prefix;
      }
    }
    return name;
  }

  private static String content(String stage, List<Node> nodes) {
    Set<String> blocks = new LinkedHashSet<>();
    Map<String, Integer> kinds = new LinkedHashMap<>();
    for (Node node : nodes) {
      String rest = node.name().substring(Math.min(node.name().length(), stage.length() + 1));
      String block = rest.contains(".") ? rest.substring(0, rest.indexOf('.')) : rest;
      if (block.matches("(tdnnd)?[0-9]+")) {
        blocks.add(block);
      }
      if (!(node instanceof Node.Concat || node instanceof Node.ChannelSlice)) {
        kinds.merge(kind(node), 1, Integer::sum);
      }
    }
    StringBuilder text = new StringBuilder();
    if (!blocks.isEmpty()) {
      text.append(blocks.size()).append(blocks.size() == 1 ? " block: " : " blocks: ");
    }
    List<String> parts = new ArrayList<>();
    kinds.forEach((kind, count) -> parts.add(count == 1 ? kind : count + " " + kind));
    return text.append(String.join(", ", parts)).toString();
  }

  private static String kind(Node node) {
    if (node instanceof Node.Conv2d conv) {
      return conv.output().map().frequency() == 1
          ? "conv " + conv.kernelT()
          : "conv " + conv.kernelF() + "×" + conv.kernelT();
    }
    if (node instanceof Node.AttentionalFusion) {
      return "fusion";
    }
    if (node instanceof Node.ChannelAffine) {
      return "norm";
    }
    if (node instanceof Node.ContextGate gate) {
      return gate.segment() == 0 ? "squeeze-excitation" : "context mask";
    }
    if (node instanceof Node.StatisticsPooling) {
      return "statistics pooling";
    }
    if (node instanceof Node.AttentivePooling || node instanceof Node.ContextAttentivePooling) {
      return "attentive pooling";
    }
    return node.getClass().getSimpleName().toLowerCase(Locale.ROOT);
  }
}
