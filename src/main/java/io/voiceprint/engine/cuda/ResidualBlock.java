package io.voiceprint.engine.cuda;

import io.voiceprint.graph.Activation;
import io.voiceprint.graph.ConvGeometry;
import io.voiceprint.graph.Graph;
import io.voiceprint.graph.Node;
import io.voiceprint.graph.Value;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The nodes of a residual block that one kernel can compute: a 1×1 convolution, a chain of 3×3
 * convolutions over its parts in which the result of each is added to the next part, or fused with
 * it by attention, and a 1×1 convolution plus shortcut. Nothing outside the block reads what lies
 * between.
 *
 * @param reduce the first convolution
 * @param chain the 3×3 convolutions, as many as there are parts or one fewer
 * @param gates how each part but the first meets the one before it; empty if it is added
 * @param parts S, of equally many channels
 * @param project the shortcut's convolution, or {@code null} where the input itself is the shortcut
 * @param expand the last convolution
 * @param steps positions of all nodes in the graph
 */
record ResidualBlock(
    Node.Conv2d reduce,
    List<Node.Conv2d> chain,
    List<Node.AttentionalFusion> gates,
    int parts,
    Node.Conv2d project,
    Node.Conv2d expand,
    Set<Integer> steps) {

  /** All blocks of a graph, in its order. */
  static List<ResidualBlock> of(Graph graph) {
    List<ResidualBlock> blocks = new ArrayList<>();
    for (Node node : graph.nodes()) {
      new Matcher(graph).match(node).ifPresent(blocks::add);
    }
    return blocks;
  }

  Value input() {
    return reduce.input();
  }

  Value output() {
    return expand.output();
  }

  /** The step at which it is computed: its last. */
  int last() {
    return output().id();
  }

  /** Walks from the last convolution of what may be a block back to its first. */
  private static final class Matcher {
    private final Graph graph;
    private final Set<Integer> steps = new HashSet<>();
    private final List<Node.AttentionalFusion> gates = new ArrayList<>();

    Matcher(Graph graph) {
      this.graph = graph;
    }

    Optional<ResidualBlock> match(Node last) {
      if (!(last instanceof Node.Conv2d expand)
          || !isPointwise(expand, 1)
          || expand.residual() == null
          || !(take(expand.input()) instanceof Node.Concat concat)) {
        return Optional.empty();
      }
      Activation activation = expand.activation();
      List<Node.Conv2d> chain = new ArrayList<>();
      Value split = null;
      int width = concat.inputs().get(0).map().channels();
      for (int part = 0; part < concat.inputs().size(); part++) {
        Node node = take(concat.inputs().get(part));
        if (node instanceof Node.Conv2d conv && chain.size() == part && isLink(conv, activation)) {
          chain.add(conv);
          node = take(conv.input());
          if (part > 0) {
            node = meeting(node, chain.get(part - 1).output());
          }
        }
        if (!(node instanceof Node.ChannelSlice slice)
            || slice.from() != part * width
            || slice.output().map().channels() != width
            || (split != null && !same(split, slice.input()))
            || chain.size() < part) {
          return Optional.empty();
        }
        split = slice.input();
      }
      return finish(expand, chain, concat.inputs().size(), split);
    }

    private Optional<ResidualBlock> finish(
        Node.Conv2d expand, List<Node.Conv2d> chain, int parts, Value split) {
      if (chain.isEmpty()
          || !gatesAgree(chain.size())
          || split.map().channels() != expand.input().map().channels()
          || !(take(split) instanceof Node.Conv2d reduce)
          || !isPointwise(reduce, reduce.geometry().strideT())
          || reduce.residual() != null
          || reduce.input().id() == 0
          || reduce.activation() != expand.activation()) {
        return Optional.empty();
      }
      Node.Conv2d project = null;
      if (!same(expand.residual(), reduce.input())) {
        if (!(take(expand.residual()) instanceof Node.Conv2d conv)
            || !isPointwise(conv, reduce.geometry().strideT())
            || conv.residual() != null
            || !same(conv.input(), reduce.input())
            || conv.activation() != Activation.NONE) {
          return Optional.empty();
        }
        project = conv;
      } else if (reduce.geometry().strideT() != 1) {
        return Optional.empty();
      }
      Set<Integer> inner = Set.copyOf(steps);
      steps.add(expand.output().id());
      return isClosed(inner)
          ? Optional.of(
              new ResidualBlock(
                  reduce,
                  List.copyOf(chain),
                  List.copyOf(gates),
                  parts,
                  project,
                  expand,
                  Set.copyOf(steps)))
          : Optional.empty();
    }

    private Node take(Value value) {
      steps.add(value.id());
      return graph.nodes().get(value.id());
    }

    /** What a node adds to {@code value} or fuses with it; {@code null} if it does neither. */
    private Node meeting(Node node, Value value) {
      if (node instanceof Node.AttentionalFusion fusion && same(fusion.x(), value)) {
        gates.add(fusion);
        return take(fusion.y());
      }
      if (!(node instanceof Node.Add add) || (!same(add.a(), value) && !same(add.b(), value))) {
        return null;
      }
      return take(same(add.a(), value) ? add.b() : add.a());
    }

    private boolean gatesAgree(int convolutions) {
      return gates.isEmpty()
          || (gates.size() == convolutions - 1
              && gates.stream().mapToInt(Node.AttentionalFusion::innerChannels).distinct().count()
                  == 1);
    }

    private static boolean same(Value a, Value b) {
      return a.id() == b.id();
    }

    private boolean isClosed(Set<Integer> inner) {
      return graph.nodes().stream()
          .filter(node -> !steps.contains(node.output().id()))
          .flatMap(node -> node.inputs().stream())
          .noneMatch(input -> inner.contains(input.id()));
    }

    private static boolean isPointwise(Node.Conv2d conv, int stride) {
      return conv.kernelF() == 1
          && conv.kernelT() == 1
          && conv.geometry().equals(ConvGeometry.square(stride));
    }

    private static boolean isLink(Node.Conv2d conv, Activation activation) {
      return conv.kernelF() == 3
          && conv.kernelT() == 3
          && conv.geometry().equals(ConvGeometry.square(1))
          && conv.residual() == null
          && conv.activation() == activation;
    }
  }
}
