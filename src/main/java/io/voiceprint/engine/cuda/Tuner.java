package io.voiceprint.engine.cuda;

import io.voiceprint.audio.PcmAudio;
import io.voiceprint.cuda.CudaContext;
import io.voiceprint.cuda.CudaDevice;
import io.voiceprint.cuda.CudaException;
import io.voiceprint.cuda.CudaException.Kind;
import io.voiceprint.cuda.CudaStream;
import io.voiceprint.cuda.DeviceMemory;
import io.voiceprint.cuda.KernelLibrary;
import io.voiceprint.engine.EngineException;
import io.voiceprint.engine.Precision;
import io.voiceprint.frontend.FbankOptions;
import io.voiceprint.graph.Graph;
import io.voiceprint.graph.Node;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;

/**
 * Measures every implementation of every layer of a network on a device, and says which was
 * fastest. Layers are timed in the place they have in the network, one after the other, with events
 * on the device. Never runs on the request path.
 */
public final class Tuner implements AutoCloseable {
  private final CudaContext context;
  private final Graph graph;
  private final FbankOptions frontEnd;
  private final Precision precision;
  private final KernelSet kernels;
  private final ValueStorage storage;
  private final List<FusionCandidate> fusions;
  private final Measurements measurements = new Measurements();
  // Of the nodes that only a fusion gives a choice.
  private final Measurements others = new Measurements();

  /** Opens the device. */
  public Tuner(CudaDevice device, Graph graph, FbankOptions frontEnd, Precision precision) {
    this.graph = graph;
    this.frontEnd = frontEnd;
    this.precision = precision;
    this.storage = new ValueStorage(graph, ChannelLayouts.of(graph));
    this.context = CudaContext.open(device);
    try {
      this.kernels = new KernelSet(new KernelLibrary(context), CudaEngine.mode(precision), device);
      this.fusions = FusedSteps.candidates(graph, kernels, storage);
    } catch (RuntimeException | Error e) {
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
    for (FusionCandidate fusion : fusions) {
      measurements.note(fusion.key(), FusedSteps.SEPARATE, separateMicros(fusion));
    }
    return new Tuning(measurements.choices());
  }

  /**
   * What {@link #tune} measured, by layer.
   *
   * @param libraries as it was asked
   */
  public List<LayerTimes> layers(boolean libraries) {
    List<LayerTimes> times = new ArrayList<>();
    candidates(libraries)
        .forEach((layer, candidates) -> times.add(measurements.times(layer, candidates)));
    return times;
  }

  /** The time of a fusion's nodes, each computed as is fastest for it. */
  private double separateMicros(FusionCandidate fusion) {
    double sum = 0;
    for (int step : fusion.steps()) {
      Node node = graph.nodes().get(step);
      Optional<String> layer = layer(node);
      sum += layer.isPresent() ? measurements.fastest(layer.get()) : others.fastest(node.name());
    }
    return sum;
  }

  /** Every fusion that this device can compute, whether it is faster or not. */
  public Tuning fusions() {
    return Tuning.forcing(
        choices(false),
        List.of("stem-", "block-", "downsample-", Operators.FUSED_MMA, Operators.FUSED));
  }

  /** What there is to choose from: the names of the implementations of each layer. */
  Map<String, List<String>> choices(boolean libraries) {
    return Candidates.possible(candidates(libraries));
  }

  private Map<String, Candidates> candidates(boolean libraries) {
    Map<String, Candidates> candidates =
        new TreeMap<>(Operators.layers(graph, kernels, storage, libraries));
    candidates.putAll(FusedSteps.layers(graph, fusions));
    return candidates;
  }

  /** The name of a node's layer in a tuning file; empty if there is nothing to choose. */
  Optional<String> layer(Node node) {
    return Operators.key(node, kernels, storage);
  }

  private void measure(Tuning trial, int frames, Consumer<String> progress) {
    try (CudaContext own = CudaContext.open(context.device())) {
      Network network = new Network(own, graph, frontEnd, CudaEngine.mode(precision), trial);
      List<PcmAudio> utterance = List.of(noise(frames));
      PackedRow packed = PackedRow.of(network.geometry(), List.of(frames), 0, 1, n -> n);
      RowSize size = new RowSize(packed.columns(), 1);
      MemoryMap memory = MemoryMap.of(network, size, Source.SAMPLES);
      CudaStream stream = new CudaStream(own, "tuning");
      DeviceMemory arena = new DeviceMemory(own, "tuning", memory.bytes());
      RowPlan row =
          new RowPlan(
              size,
              memory,
              arena.address(),
              network.storage(),
              network.mode(),
              new RowLibraries(new LaneLibraries(stream)));
      try (Staging staging = new Staging(own, "tuning", memory.uploadBytes(), Float.BYTES)) {
        staging.putTables(packed, frontEnd, row, network.timeStrides());
        staging.putSamples(packed, frontEnd, row, utterance, 0);
        stream.upload(arena.address(), staging.up(), 0, memory.uploadBytes());
        LaunchTimer timer = new LaunchTimer(own, stream);
        for (int step = 0; step < graph.nodes().size(); step++) {
          time(network, row, step, trial, timer, progress);
          timeFusion(network, row, step, trial, timer, progress);
        }
        // What was queued reads memory that is about to be given back.
        stream.synchronize();
      }
    }
  }

  private void time(
      Network network,
      RowPlan row,
      int step,
      Tuning trial,
      LaunchTimer timer,
      Consumer<String> progress) {
    Node node = graph.nodes().get(step);
    Optional<String> layer = layer(node);
    Optional<String> choice = layer.flatMap(trial::choice);
    boolean inFusion = fusions.stream().anyMatch(fusion -> fusion.steps().contains(step));
    List<Launch> launches = new ArrayList<>();
    if (choice.isPresent()) {
      run(
          layer.get(),
          choice.get(),
          () -> {
            network.planSeparately(step, row, launches);
            return timer.micros(launches);
          },
          progress);
      return;
    }
    network.planSeparately(step, row, launches);
    if (layer.isEmpty() && inFusion) {
      others.note(node.name(), "only", timer.micros(launches));
    } else {
      timer.run(launches);
    }
  }

  /** Times the fusion that ends at a step, after its nodes were computed on their own. */
  private void timeFusion(
      Network network,
      RowPlan row,
      int step,
      Tuning trial,
      LaunchTimer timer,
      Consumer<String> progress) {
    Optional<Operator> operator = network.fused().at(step);
    if (operator.isEmpty()) {
      return;
    }
    String key = network.fused().covering(step).get().key();
    run(
        key,
        trial.choice(key).get(),
        () -> {
          List<Launch> launches = new ArrayList<>();
          operator.get().plan(row, launches);
          return timer.micros(launches);
        },
        progress);
  }

  private void run(
      String layer, String choice, DoubleSupplier measurement, Consumer<String> progress) {
    try {
      double micros = measurement.getAsDouble();
      progress.accept("%s: %s takes %.1f us".formatted(layer, choice, micros));
      measurements.note(layer, choice, micros);
    } catch (EngineException e) {
      if (e instanceof CudaException cuda && cuda.kind() == Kind.LOST_CONTEXT) {
        throw e;
      }
      progress.accept("%s: %s is not possible: %s".formatted(layer, choice, e.getMessage()));
      measurements.failed(layer, choice, e.getMessage());
    }
  }

  private PcmAudio noise(int frames) {
    Random random = new Random(1);
    float[] samples = new float[Math.toIntExact(frontEnd.samplesFor(frames))];
    for (int i = 0; i < samples.length; i++) {
      samples[i] = (float) (0.1 * random.nextGaussian());
    }
    return new PcmAudio(samples, frontEnd.sampleRate());
  }

  @Override
  public void close() {
    context.close();
  }
}
