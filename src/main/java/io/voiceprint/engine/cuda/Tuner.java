package io.voiceprint.engine.cuda;

import io.voiceprint.cuda.CudaContext;
import io.voiceprint.cuda.CudaDevice;
import io.voiceprint.cuda.CudaEvent;
import io.voiceprint.cuda.CudaException;
import io.voiceprint.cuda.CudaException.Kind;
import io.voiceprint.cuda.CudaStream;
import io.voiceprint.cuda.DeviceMemory;
import io.voiceprint.cuda.KernelLibrary;
import io.voiceprint.engine.Precision;
import io.voiceprint.frontend.FbankOptions;
import io.voiceprint.frontend.Features;
import io.voiceprint.graph.Graph;
import io.voiceprint.graph.Node;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Measures every implementation of every layer of a network on a device, and says which was
 * fastest. Layers are timed in the place they have in the network, one after the other, with events
 * on the device. Never runs on the request path.
 */
public final class Tuner implements AutoCloseable {
  private static final int WARM_UPS = 2;
  private static final int REPETITIONS = 10;

  private final CudaContext context;
  private final Graph graph;
  private final FbankOptions frontEnd;
  private final Precision precision;
  private final KernelSet kernels;
  private final ValueStorage storage;
  private final Map<String, Double> fastest = new HashMap<>();
  private final Map<String, String> chosen = new TreeMap<>();

  /** Opens the device. */
  public Tuner(CudaDevice device, Graph graph, FbankOptions frontEnd, Precision precision) {
    this.graph = graph;
    this.frontEnd = frontEnd;
    this.precision = precision;
    this.storage = new ValueStorage(graph, ChannelLayouts.of(graph));
    this.context = CudaContext.open(device);
    try {
      this.kernels = new KernelSet(new KernelLibrary(context), CudaEngine.mode(precision), device);
    } catch (RuntimeException e) {
      context.close();
      throw e;
    }
  }

  /**
   * Tries everything.
   *
   * @param frames length of the utterance to measure with; what is fastest is taken for every
   *     length, since the choice may not depend on company
   * @param libraries whether cuDNN and cuBLAS may be chosen: then an utterance need not get the
   *     same bits in any company, only the same numbers within the documented bound
   * @param progress gets one line per measurement
   */
  public Tuning tune(int frames, boolean libraries, Consumer<String> progress) {
    Map<String, List<String>> choices = choices(libraries);
    int rounds = choices.values().stream().mapToInt(List::size).max().orElse(0);
    for (int round = 0; round < rounds; round++) {
      Map<String, String> trial = new TreeMap<>();
      for (var layer : choices.entrySet()) {
        if (round < layer.getValue().size()) {
          trial.put(layer.getKey(), layer.getValue().get(round));
        }
      }
      measure(new Tuning(trial), frames, progress);
    }
    return new Tuning(chosen);
  }

  /** What there is to choose from: the names of the implementations of each layer. */
  Map<String, List<String>> choices(boolean libraries) {
    return Operators.choices(graph, kernels, storage, libraries);
  }

  private void measure(Tuning trial, int frames, Consumer<String> progress) {
    try (CudaContext own = CudaContext.open(context.device())) {
      Network network = new Network(own, graph, frontEnd, CudaEngine.mode(precision), trial);
      List<Features> utterance = List.of(noise(frames));
      PackedRow packed = PackedRow.of(network.geometry(), utterance, 0, 1, Features::frames);
      RowSize size = new RowSize(packed.columns(), 1);
      MemoryMap memory = MemoryMap.of(network, size, Source.FEATURES);
      CudaStream stream = new CudaStream(own, "tuning");
      DeviceMemory arena = new DeviceMemory(own, "tuning", memory.bytes());
      RowPlan row =
          new RowPlan(
              size,
              memory,
              arena.address(),
              network.storage(),
              network.mode(),
              new LaneLibraries(own, stream));
      try (Staging staging = new Staging(own, "tuning", memory.uploadBytes(), Float.BYTES)) {
        staging.putTables(packed, frontEnd, row, network.timeStrides());
        staging.putFeatures(packed, row, utterance, 0);
        stream.upload(arena.address(), staging.up(), 0, memory.uploadBytes());
        for (int step = 0; step < graph.nodes().size(); step++) {
          time(network, row, step, trial, stream, new Marks(own), progress);
        }
        // What was queued reads memory that is about to be given back.
        stream.synchronize();
      }
    }
  }

  /** A pair of events around what is timed. */
  private record Marks(CudaEvent start, CudaEvent end) {
    Marks(CudaContext context) {
      this(new CudaEvent(context, "start"), new CudaEvent(context, "end"));
    }

    void close() {
      start.close();
      end.close();
    }
  }

  private void time(
      Network network,
      RowPlan row,
      int step,
      Tuning trial,
      CudaStream stream,
      Marks marks,
      Consumer<String> progress) {
    Node node = graph.nodes().get(step);
    Optional<String> layer = Operators.key(node, kernels, storage);
    Optional<String> choice = layer.flatMap(trial::choice);
    try {
      List<Launch> launches = new ArrayList<>();
      network.plan(step, Source.FEATURES, row, launches);
      enqueue(launches, stream, choice.isPresent() ? WARM_UPS : 1);
      if (choice.isPresent()) {
        marks.start().record(stream);
        enqueue(launches, stream, REPETITIONS);
        marks.end().record(stream);
        marks.end().synchronize();
        double micros = 1e3 * marks.end().elapsedMs(marks.start()) / REPETITIONS;
        progress.accept("%s: %s takes %.1f us".formatted(layer.get(), choice.get(), micros));
        note(layer.get(), choice.get(), micros);
      }
    } catch (CudaException | IllegalStateException e) {
      if (choice.isEmpty()
          || (e instanceof CudaException cuda && cuda.kind() == Kind.LOST_CONTEXT)) {
        throw e;
      }
      progress.accept(
          "%s: %s is not possible: %s".formatted(node.name(), choice.get(), e.getMessage()));
    } finally {
      marks.close();
    }
  }

  private static void enqueue(List<Launch> launches, CudaStream stream, int times) {
    for (int i = 0; i < times; i++) {
      launches.forEach(launch -> launch.enqueue(stream));
    }
  }

  /** Layers of one shape occur several times; the quickest run of each is compared. */
  private void note(String layer, String choice, double micros) {
    if (micros < fastest.getOrDefault(layer, Double.POSITIVE_INFINITY)) {
      fastest.put(layer, micros);
      chosen.put(layer, choice);
    }
  }

  private Features noise(int frames) {
    Random random = new Random(1);
    float[] data = new float[frames * graph.melBins()];
    for (int i = 0; i < data.length; i++) {
      data[i] = (float) random.nextGaussian();
    }
    return new Features(frames, graph.melBins(), data);
  }

  @Override
  public void close() {
    context.close();
  }
}
