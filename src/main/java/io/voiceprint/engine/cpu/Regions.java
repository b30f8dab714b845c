package io.voiceprint.engine.cpu;

import io.voiceprint.graph.Graph;
import io.voiceprint.graph.Node;
import io.voiceprint.graph.Shape.FeatureMap;
import io.voiceprint.graph.Shape.Vector;
import io.voiceprint.graph.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Where the values of a plan lie. Those of the head have the rows of a strip, until {@link
 * #leaveHead} gives those that are read behind it a second place with all rows.
 */
final class Regions {
  /** A value of the head that is read behind it: its place in a strip, and among all rows. */
  record Leaving(Region strip, Region whole, int timeStride) {}

  private final Graph graph;
  private final Placement placement;
  private final Layout layout;
  private final DataType type;
  private final int frames;
  private final Strips strips;
  private final Region[] regions; // per value
  private final Map<Integer, Block> roots = new HashMap<>();
  private final List<Block> blocks = new ArrayList<>();

  Regions(
      Graph graph, Placement placement, Layout layout, DataType type, int frames, Strips strips) {
    this.graph = graph;
    this.placement = placement;
    this.layout = layout;
    this.type = type;
    this.frames = frames;
    this.strips = strips;
    this.regions = new Region[graph.nodes().size()];
  }

  /** The region of a value that has one. */
  Region of(Value value) {
    return regions[value.id()];
  }

  /** Gives a value its region. */
  Region add(Value value) {
    int id = value.id();
    regions[id] =
        value.shape() instanceof FeatureMap map
            ? map(value, map, strips.contains(id) ? strips.frames() : frames)
            : vector(value);
    return regions[id];
  }

  private Region vector(Value value) {
    int id = value.id();
    Vector vector = value.vector();
    boolean embedding = value.equals(graph.output());
    DataType stored = embedding ? DataType.FP32 : type;
    Block own =
        block((long) vector.size() * stored.bytes(), id, embedding ? id : placement.lastReader(id));
    return new Region(own, 0, vector.size(), 1, 1, stored, Layout.CHANNELS_LAST);
  }

  private Region map(Value value, FeatureMap map, int count) {
    int id = value.id();
    if (value.equals(graph.input())) {
      Block own = block(Float.BYTES * map.elements(count), id, placement.lastReader(id));
      return new Region(own, 0, 1, map.time(count), map.frequency(), DataType.FP32, layout);
    }
    int root = placement.spot(value).root();
    Block block =
        roots.computeIfAbsent(root, r -> root(r, count, placement.firstWritten(r), lastNeeded(r)));
    return at(value, block, count);
  }

  /** What leaves the head is copied behind the head's last node. */
  private int lastNeeded(int root) {
    int last = placement.lastRead(root);
    return strips.contains(root) ? Math.min(last, strips.lastNode()) : last;
  }

  private Block root(int root, int count, int first, int last) {
    Value owner = graph.nodes().get(root).output();
    FeatureMap map = owner.map();
    long channelBytes = (long) map.time(count) * map.frequency() * type.bytes();
    return block(placement.of(owner).physical() * channelBytes, first, last);
  }

  private Region at(Value value, Block root, int count) {
    FeatureMap map = value.map();
    int time = map.time(count);
    long channelBytes = (long) time * map.frequency() * type.bytes();
    return new Region(
        root,
        placement.spot(value).channelOffset() * channelBytes,
        placement.of(value).physical(),
        time,
        map.frequency(),
        type,
        layout);
  }

  /** From now on the values that are read behind the head have all rows. */
  List<Leaving> leaveHead() {
    List<Leaving> leaving = new ArrayList<>();
    for (Node node : graph.nodes().subList(0, strips.lastNode() + 1)) {
      Value owner = node.output();
      int root = owner.id();
      if (roots.containsKey(root) && placement.lastRead(root) > strips.lastNode()) {
        Block whole = root(root, frames, 0, placement.lastRead(root));
        leaving.add(new Leaving(of(owner), at(owner, whole, frames), owner.map().timeStride()));
        roots.put(root, whole);
      }
    }
    for (Node node : graph.nodes().subList(1, strips.lastNode() + 1)) {
      Value value = node.output();
      int root = placement.spot(value).root();
      if (placement.lastRead(root) > strips.lastNode()) {
        regions[value.id()] = at(value, roots.get(root), frames);
      }
    }
    return leaving;
  }

  /** A region that one node alone needs, shaped like a value's. */
  Region temporary(int node, int channels, Region shape, DataType stored) {
    return extra(node, node, channels, shape.time(), shape, stored);
  }

  /** A region of a shape that one node alone needs. */
  Region temporary(int node, Region shape) {
    return extra(node, node, shape.channels(), shape.time(), shape, shape.type());
  }

  /** Some rows of a value in the head, kept from strip to strip. */
  Region kept(Region value, int rows) {
    return extra(0, strips.lastNode(), value.channels(), rows, value, value.type());
  }

  private Region extra(int first, int last, int channels, int rows, Region like, DataType stored) {
    long bytes = (long) channels * rows * like.frequency() * stored.bytes();
    return new Region(
        block(bytes, first, last), 0, channels, rows, like.frequency(), stored, layout);
  }

  Block block(long bytes, int first, int last) {
    Block block = new Block(bytes, first, last);
    blocks.add(block);
    return block;
  }

  /**
   * Gives all blocks their places.
   *
   * @return the size of the arena
   */
  long place() {
    return Block.place(blocks);
  }

  /** By value. */
  Region[] all() {
    return regions.clone();
  }
}
