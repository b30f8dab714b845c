package io.voiceprint.engine.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.voiceprint.cuda.MathMode;
import io.voiceprint.graph.Activation;
import io.voiceprint.graph.Graph;
import io.voiceprint.graph.GraphBuilder;
import io.voiceprint.graph.Node;
import io.voiceprint.graph.Shape.FeatureMap;
import io.voiceprint.graph.Statistics;
import io.voiceprint.graph.Tensor;
import io.voiceprint.graph.Value;
import io.voiceprint.model.RandomModels;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Layouts and places of values, checked against a plain simulation of the graph's memory. */
class ValueStorageTest {
  private static ValueStorage storage(Graph graph) {
    return new ValueStorage(graph, ChannelLayouts.of(graph));
  }

  private static Tensor zeros(int... shape) {
    return Tensor.of(new float[Arrays.stream(shape).reduce(1, (a, b) -> a * b)], shape);
  }

  @Test
  void partsThatAreNoMultiplesOfEightStayViews() {
    GraphBuilder builder = new GraphBuilder(80);
    Value stem =
        builder.conv("stem", builder.input(), zeros(52, 1, 3, 3), zeros(52), 1, Activation.RELU);
    Value low = builder.slice("low", stem, 0, 26);
    Value high = builder.slice("high", stem, 26, 26);
    Value sum = builder.add("sum", low, high);
    Value joined = builder.concat("joined", List.of(sum, high));
    builder.linear(
        "embedding",
        builder.pool("pool", sum, Statistics.MEAN, 1e-8),
        zeros(3, 26 * 80),
        zeros(3),
        Activation.NONE);
    ValueStorage storage = storage(builder.build());
    assertEquals(64, storage.layout(stem).width());
    assertEquals(32, storage.layout(stem).at(26));
    assertEquals(new ValueStorage.Home(stem.id(), 0), storage.home(low));
    assertEquals(new ValueStorage.Home(stem.id(), 32), storage.home(high));
    assertEquals(new ValueStorage.Home(joined.id(), 0), storage.home(sum), "written in place");
    assertEquals(64, storage.layout(joined).width());
    assertNull(storage.buffer(low.id()));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
  void channelsOfViewsLieWhereTheirOwnersPutThem(int seed) {
    Graph graph = RandomModels.next(new Random(seed)).graph();
    ValueStorage storage = storage(graph);
    for (Node node : graph.nodes()) {
      if (node instanceof Node.ChannelSlice slice) {
        for (int c = 0; c < slice.output().map().channels(); c++) {
          assertEquals(
              place(storage, slice.input(), slice.from() + c), place(storage, slice.output(), c));
        }
      } else if (node instanceof Node.Concat concat) {
        int from = 0;
        for (Value part : concat.inputs()) {
          int width = part.map().channels();
          if (storage.isInPlace(concat, part, from)) {
            for (int c = 0; c < width; c++) {
              assertEquals(place(storage, concat.output(), from + c), place(storage, part, c));
            }
          }
          from += width;
        }
      }
      if (node.output().shape() instanceof FeatureMap && node.output().id() > 0) {
        assertEquals(0, storage.home(node.output()).channel() % 8, node.name());
        assertEquals(0, storage.bufferOf(node.output()).width() % 8, node.name());
      }
    }
  }

  /** Buffer and channel of channel {@code c}. */
  private static List<Integer> place(ValueStorage storage, Value value, int c) {
    ValueStorage.Home home = storage.home(value);
    return List.of(home.buffer(), home.channel() + storage.layout(value).at(c));
  }

  /**
   * Runs the graph on tags instead of numbers: each step checks that what it reads is still what
   * was written, then writes its own.
   */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
  void nothingIsOverwrittenBeforeItsLastUse(int seed) {
    Graph graph = RandomModels.next(new Random(seed)).graph();
    ValueStorage storage = storage(graph);
    RowSize row = new RowSize(64, 2);
    List<ArenaPlanner.Request> requests = new ArrayList<>();
    for (int id = 0; id < graph.nodes().size(); id++) {
      ValueStorage.Buffer buffer = storage.buffer(id);
      requests.add(
          buffer == null
              ? new ArenaPlanner.Request(0, id, id)
              : new ArenaPlanner.Request(
                  buffer.bytes(row, MathMode.FP32), buffer.first(), buffer.last()));
    }
    ArenaPlanner.Placement placement = ArenaPlanner.place(requests);
    int[] memory = new int[(int) (placement.bytes() / Float.BYTES)];
    int[] written = new int[graph.nodes().size()];
    for (Node node : graph.nodes()) {
      for (Value input : node.inputs()) {
        int tag = written[input.id()];
        for (int at : cells(storage, placement, row, input)) {
          assertTrue(
              memory[at] == tag
                  || node instanceof Node.Concat
                  || isPartOf(graph, memory[at], input),
              node.name() + " reads " + input.name() + " after it was overwritten");
        }
      }
      if (node instanceof Node.ChannelSlice slice) {
        written[node.output().id()] = written[slice.input().id()];
        continue;
      }
      written[node.output().id()] = node.output().id() + 1;
      if (node instanceof Node.Concat concat) {
        copyParts(storage, placement, row, concat, memory);
        continue;
      }
      for (int at : cells(storage, placement, row, node.output())) {
        memory[at] = node.output().id() + 1;
      }
    }
  }

  private static void copyParts(
      ValueStorage storage,
      ArenaPlanner.Placement placement,
      RowSize row,
      Node.Concat concat,
      int[] memory) {
    List<Integer> all = cells(storage, placement, row, concat.output());
    int channels = concat.output().map().channels();
    int from = 0;
    for (Value part : concat.inputs()) {
      int to = from + part.map().channels();
      for (int i = 0; i < all.size() && !storage.isInPlace(concat, part, from); i++) {
        if (i % channels >= from && i % channels < to) {
          memory[all.get(i)] = concat.output().id() + 1;
        }
      }
      from = to;
    }
  }

  /** Whether a tag is that of a value which a concatenation holds. */
  private static boolean isPartOf(Graph graph, int tag, Value value) {
    if (tag == 0) {
      return false;
    }
    Node node = graph.nodes().get(value.id());
    if (node instanceof Node.ChannelSlice slice) {
      return tag == slice.input().id() + 1 || isPartOf(graph, tag, slice.input());
    }
    return node instanceof Node.Concat concat
        && concat.inputs().stream()
            .anyMatch(part -> tag == part.id() + 1 || isPartOf(graph, tag, part));
  }

  /** Word indices of a value's first pixel, or of a vector. */
  private static List<Integer> cells(
      ValueStorage storage, ArenaPlanner.Placement placement, RowSize row, Value value) {
    ValueStorage.Home home = storage.home(value);
    int base = (int) (placement.offsets()[home.buffer()] / Float.BYTES);
    List<Integer> cells = new ArrayList<>();
    if (value.id() == 0 || !(value.shape() instanceof FeatureMap map)) {
      long words = storage.bufferOf(value).bytes(row, MathMode.FP32) / Float.BYTES;
      for (int i = 0; i < words; i++) {
        cells.add(base + i);
      }
      return cells;
    }
    int width = storage.bufferOf(value).width();
    int pixels = map.frequency() * row.columns(map.timeStride());
    for (int pixel = 0; pixel < pixels; pixel += 7) {
      for (int c = 0; c < map.channels(); c++) {
        cells.add(base + pixel * width + home.channel() + storage.layout(value).at(c));
      }
    }
    return cells;
  }
}
