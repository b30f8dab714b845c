package io.voiceprint.engine.cuda;

import io.voiceprint.cuda.CudaContext;
import io.voiceprint.cuda.CudaDevice;
import io.voiceprint.cuda.CudaStream;
import io.voiceprint.engine.Precision;
import io.voiceprint.frontend.FbankOptions;
import io.voiceprint.graph.ConvGeometry;
import io.voiceprint.graph.Graph;
import io.voiceprint.graph.Node;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;

/**
 * What one clip's forward pass costs, counted from its plan and not measured: the nodes of its CUDA
 * graph, and the bytes that its steps read and write, each array of a step counted once.
 *
 * @param kinds by kind of step; those of the copies to and from the host among them
 */
public record PlanCost(List<Kind> kinds) {

  /**
   * The steps of one kind.
   *
   * @param name such as {@code "conv 3x3"}
   * @param graphNodes kernels or copies
   * @param bytes read and written on the device, or copied
   * @param uncounted launches whose bytes are not known: those of libraries
   */
  public record Kind(String name, int graphNodes, long bytes, int uncounted) {
    private Kind plus(OptionalLong moved) {
      return new Kind(
          name,
          graphNodes + 1,
          bytes + moved.orElse(0),
          moved.isPresent() ? uncounted : uncounted + 1);
    }
  }

  public PlanCost {
    kinds = List.copyOf(kinds);
  }

  /**
   * Plans a row of one clip, from samples as floats to embedding, on a device; runs nothing.
   *
   * @param frames of the clip
   * @throws IllegalArgumentException if the kernels do not know a node of the graph
   */
  public static PlanCost of(
      CudaDevice device,
      Graph graph,
      FbankOptions frontEnd,
      Precision precision,
      Tuning tuning,
      int frames) {
    return of(device, graph, frontEnd, precision, tuning, frames, Source.SAMPLES);
  }

  /** As {@link #of(CudaDevice, Graph, FbankOptions, Precision, Tuning, int)}, from any source. */
  static PlanCost of(
      CudaDevice device,
      Graph graph,
      FbankOptions frontEnd,
      Precision precision,
      Tuning tuning,
      int frames,
      Source source) {
    try (CudaContext context = CudaContext.open(device)) {
      Network network = new Network(context, graph, frontEnd, CudaEngine.mode(precision), tuning);
      RowSize size = new RowSize(network.geometry().footprint(frames), 1);
      MemoryMap memory = MemoryMap.of(network, size, source);
      RowLibraries libraries = new RowLibraries(new LaneLibraries(new CudaStream(context, "plan")));
      // The launches are counted and never queued, so their addresses may be anything.
      RowPlan row = new RowPlan(size, memory, 0, network.storage(), network.mode(), libraries);
      return of(network, new Plan(network, row));
    }
  }

  static PlanCost of(Network network, Plan plan) {
    Map<String, Kind> kinds = new TreeMap<>();
    for (int step = 0; step <= plan.last(); step++) {
      String kind =
          network
              .fused()
              .covering(step)
              .map(FusionCandidate::kind)
              .orElse(kind(network.node(step)));
      for (Launch launch : plan.launches(step)) {
        kinds.merge(
            kind,
            new Kind(kind, 0, 0, 0).plus(launch.bytes()),
            (before, one) -> before.plus(launch.bytes()));
      }
    }
    List<Kind> all = new ArrayList<>(kinds.values());
    RowPlan row = plan.row();
    all.add(new Kind("upload", 1, row.memory().uploadBytes(), 0));
    all.add(new Kind("download", 1, network.resultBytes(row.row()), 0));
    return new PlanCost(all);
  }

  private static String kind(Node node) {
    if (node instanceof Node.Conv2d conv) {
      ConvGeometry geometry = conv.geometry();
      String stride =
          geometry.strideF() == 1 && geometry.strideT() == 1
              ? ""
              : " stride %dx%d".formatted(geometry.strideF(), geometry.strideT());
      return conv.input().id() == 0
          ? "stem"
          : "conv %dx%d%s".formatted(conv.kernelF(), conv.kernelT(), stride);
    }
    if (node instanceof Node.Input) {
      return "front end";
    }
    if (node instanceof Node.AttentionalFusion) {
      return "attentional fusion";
    }
    return node instanceof Node.StatisticsPooling || node instanceof Node.AttentivePooling
        ? "pooling"
        : node.getClass().getSimpleName().toLowerCase(Locale.ROOT);
  }

  /** Nodes of the CUDA graph: kernels and copies. */
  public int graphNodes() {
    return kinds.stream().mapToInt(Kind::graphNodes).sum();
  }

  /** Bytes that all kernels read and write; what is copied to and from the host is not in it. */
  public long deviceBytes() {
    return kinds.stream()
        .filter(kind -> !kind.name().endsWith("load"))
        .mapToLong(Kind::bytes)
        .sum();
  }

  /** A table of the kinds and their sum. */
  public String table() {
    StringBuilder text = new StringBuilder();
    for (Kind kind : kinds) {
      text.append(line(kind.name(), kind.graphNodes(), kind.bytes()));
      if (kind.uncounted() > 0) {
        text.append(", without %d launches of libraries".formatted(kind.uncounted()));
      }
      text.append('\n');
    }
    return text.append(line("all", graphNodes(), deviceBytes())).append('\n').toString();
  }

  private static String line(String kind, int nodes, long bytes) {
    return "  %-22s %4d graph nodes %9.3f MB".formatted(kind, nodes, bytes / 1e6);
  }
}
