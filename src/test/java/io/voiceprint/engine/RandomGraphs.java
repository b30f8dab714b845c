package io.voiceprint.engine;

import io.voiceprint.graph.Activation;
import io.voiceprint.graph.ConvGeometry;
import io.voiceprint.graph.ConvGeometry.Padding;
import io.voiceprint.graph.Graph;
import io.voiceprint.graph.GraphBuilder;
import io.voiceprint.graph.Statistics;
import io.voiceprint.graph.Tensor;
import io.voiceprint.graph.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Small graphs of the nodes that networks along time are made of, in random order and width. */
final class RandomGraphs {
  private final Random random;
  private final GraphBuilder graph = new GraphBuilder(80);

  private RandomGraphs(Random random) {
    this.random = random;
  }

  /**
   * The next graph of a seeded sequence: a two-dimensional head or none, some layers along time,
   * and a pooling.
   */
  static Graph temporal(Random random) {
    RandomGraphs graphs = new RandomGraphs(random);
    Value x = graphs.graph.input();
    if (random.nextBoolean()) {
      x = graphs.head(x);
    }
    x = graphs.graph.flatten("flat", x);
    x = graphs.alongTime("first", x, 3 + random.nextInt(40), 1 + random.nextInt(2));
    for (int layer = 0; layer < 2; layer++) {
      x = graphs.layer("layer" + layer, x);
    }
    graphs.embed(graphs.pool(x));
    return graphs.graph.build();
  }

  private Value head(Value x) {
    int channels = 3 + random.nextInt(14);
    Value stem =
        graph.conv("stem", x, tensor(channels, 1, 3, 3), tensor(channels), 1, Activation.RELU);
    Value down =
        graph.conv(
            "down",
            stem,
            null,
            tensor(channels, channels, 3, 3),
            tensor(channels),
            ConvGeometry.alongFrequency(2 + random.nextInt(2)),
            Activation.RELU);
    return graph.conv(
        "wide",
        down,
        down,
        tensor(channels, channels, 3, 1),
        tensor(channels),
        ConvGeometry.square(1),
        Activation.RELU20);
  }

  /** A gate over a dilated convolution, joined with the input or a part of it. */
  private Value layer(String name, Value x) {
    int channels = x.map().channels();
    Value normed =
        graph.affine(
            name + ".norm",
            x,
            tensor(channels),
            tensor(channels),
            Activation.values()[random.nextInt(Activation.values().length)]);
    int out = random.nextBoolean() ? channels : 2 + random.nextInt(30);
    Value conv = alongTime(name + ".conv", normed, out, 1);
    Value context = random.nextBoolean() ? conv : normed;
    int inner = 1 + random.nextInt(20);
    Value gated =
        graph.gate(
            name + ".gate",
            conv,
            context,
            random.nextInt(3) * 8,
            tensor(inner, context.map().channels()),
            tensor(inner),
            tensor(out, inner),
            tensor(out));
    if (out == channels && random.nextBoolean()) {
      return graph.add(name, gated, x);
    }
    Value part = x;
    if (random.nextBoolean() && out > 1) {
      Value cut = graph.affine(name + ".cut", conv, tensor(out), tensor(out), Activation.NONE);
      part = graph.slice(name + ".slice", cut, out / 2, out - out / 2);
    }
    List<Value> parts = new ArrayList<>(List.of(part, gated));
    return graph.concat(name, parts);
  }

  private Value alongTime(String name, Value x, int channels, int stride) {
    int kernel = 1 + 2 * random.nextInt(3);
    Padding padding = random.nextBoolean() ? Padding.ZERO : Padding.REFLECT;
    int dilation = 1 + random.nextInt(3);
    return graph.conv(
        name,
        x,
        null,
        tensor(channels, x.map().channels(), 1, kernel),
        tensor(channels),
        ConvGeometry.alongTime(stride, dilation, padding),
        random.nextBoolean() ? Activation.RELU : Activation.NONE);
  }

  private Value pool(Value x) {
    int channels = x.map().channels();
    if (random.nextBoolean()) {
      double epsilon = random.nextBoolean() ? 0 : 1e-8;
      return graph.pool("pool", x, Statistics.MEAN_AND_STANDARD_DEVIATION, epsilon);
    }
    int hidden = 1 + random.nextInt(20);
    return graph.contextAttentivePool(
        "pool",
        x,
        tensor(hidden, 3 * channels),
        tensor(hidden),
        tensor(hidden),
        tensor(hidden),
        tensor(channels, hidden),
        tensor(channels));
  }

  private void embed(Value pooled) {
    int size = 4 + random.nextInt(20);
    Tensor weight = tensor(size, pooled.vector().size());
    graph.linear("embedding", pooled, weight, tensor(size), Activation.NONE);
  }

  /**
   * Normal values, scaled so that a product with them keeps the magnitude of what it multiplies.
   */
  private Tensor tensor(int... shape) {
    int elements = 1;
    for (int extent : shape) {
      elements *= extent;
    }
    double scale = shape.length == 1 ? 0.7 : Math.sqrt((double) shape[0] / elements);
    float[] data = new float[elements];
    for (int i = 0; i < elements; i++) {
      data[i] = (float) (scale * random.nextGaussian());
    }
    return Tensor.of(data, shape);
  }
}
