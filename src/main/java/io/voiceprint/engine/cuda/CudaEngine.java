package io.voiceprint.engine.cuda;

import io.voiceprint.audio.PcmAudio;
import io.voiceprint.audio.Resampler;
import io.voiceprint.cuda.CudaContext;
import io.voiceprint.cuda.CudaDevice;
import io.voiceprint.cuda.CudaException;
import io.voiceprint.cuda.MathMode;
import io.voiceprint.engine.DeviceMemory;
import io.voiceprint.engine.Engine;
import io.voiceprint.engine.EngineException;
import io.voiceprint.engine.Precision;
import io.voiceprint.engine.Rows;
import io.voiceprint.engine.UnsupportedNetworkException;
import io.voiceprint.frontend.FbankOptions;
import io.voiceprint.frontend.Features;
import io.voiceprint.graph.Graph;
import io.voiceprint.graph.Node;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.ToIntFunction;

/**
 * Runs a network on an NVIDIA GPU. Utterances of any lengths share packed rows; rows run on a few
 * lanes at once. Results are the same to the bit in any company, unless a {@link Tuning} that
 * allows the libraries' convolutions was given.
 *
 * <p>A call that fails for want of memory or because a launch was refused leaves the engine usable.
 * When the device faults, every later call says so, and the engine must be closed and opened again.
 */
public final class CudaEngine implements Engine {
  private final CudaContext context;
  private final Precision precision;
  private final Network network;
  private final RowLimits limits;
  private final LanePool lanes;
  private final Rows rows;
  private final ToIntFunction<PcmAudio> framesOfAudio;
  private volatile boolean closed;
  private volatile RuntimeException broken;

  private CudaEngine(
      CudaContext context, Precision precision, Network network, RowLimits limits, int lanes) {
    this.context = context;
    this.precision = precision;
    this.network = network;
    this.limits = limits;
    this.rows = new PackedRows(network.geometry(), limits);
    int rate = network.frontEnd().sampleRate();
    this.framesOfAudio = audio -> network.frontEnd().frames(audio.samplesAt(rate));
    List<Lane> all = new ArrayList<>();
    for (int i = 0; i < lanes; i++) {
      all.add(new Lane(context, network, limits, "lane " + i));
    }
    this.lanes = new LanePool(all);
  }

  /**
   * Opens a device and uploads the network.
   *
   * @param lanes rows that may be under way at once, at least 1; each takes memory of its own
   * @param tuning how to compute each layer; {@link Tuning#NONE} for the usual way
   * @throws UnsupportedNetworkException if the kernels do not know a node of the graph
   * @throws EngineException if the kernels do not know the precision
   * @throws CudaException if the device fails or has too little memory
   */
  public static CudaEngine open(
      CudaDevice device,
      Graph graph,
      FbankOptions frontEnd,
      Precision precision,
      int lanes,
      Tuning tuning) {
    if (lanes < 1) {
      throw new IllegalArgumentException("lanes=" + lanes);
    }
    if (frontEnd.melBins() != graph.melBins()) {
      throw new IllegalArgumentException(
          "front end melBins=%d but graph melBins=%d"
              .formatted(frontEnd.melBins(), graph.melBins()));
    }
    MathMode mode = mode(precision);
    CudaContext context = CudaContext.open(device);
    try {
      Network network = new Network(context, graph, frontEnd, mode, tuning);
      RowLimits limits = RowLimits.of(context, network, lanes);
      return new CudaEngine(context, precision, network, limits, lanes);
    } catch (RuntimeException e) {
      closeAfter(context, e);
      throw e;
    }
  }

  private static void closeAfter(CudaContext context, RuntimeException failure) {
    try {
      context.close();
    } catch (CudaException e) {
      failure.addSuppressed(e);
    }
  }

  static MathMode mode(Precision precision) {
    return switch (precision) {
      case FP32 -> MathMode.FP32;
      case TF32 -> MathMode.TF32;
      case FP16 -> MathMode.FP16;
      case BF16 ->
          throw new EngineException("the CUDA engine computes in fp32, tf32 or fp16, not in bf16");
    };
  }

  @Override
  public String name() {
    return "cuda";
  }

  @Override
  public String description() {
    return "cuda, " + context.device() + ", " + lanes.size() + " lanes";
  }

  @Override
  public Precision precision() {
    return precision;
  }

  @Override
  public FbankOptions frontEnd() {
    return network.frontEnd();
  }

  @Override
  public int embeddingSize() {
    return network.graph().embeddingSize();
  }

  @Override
  public int minFrames() {
    return network.graph().minFrames();
  }

  @Override
  public int maxFrames() {
    return limits.maxFrames();
  }

  @Override
  public int lanes() {
    return lanes.size();
  }

  @Override
  public Rows rows() {
    return rows;
  }

  @Override
  public Optional<DeviceMemory> memory() {
    if (closed || isBroken()) {
      return Optional.empty();
    }
    try {
      String device = String.valueOf(context.device().ordinal());
      return Optional.of(new DeviceMemory(device, context.freeBytes(), context.totalBytes()));
    } catch (CudaException | IllegalStateException e) {
      return Optional.empty(); // Closed meanwhile, or the next request will say what is the matter.
    }
  }

  @Override
  public boolean isBroken() {
    return broken != null;
  }

  /** Bytes of the weights on the device. */
  public long weightBytes() {
    return network.weightBytes();
  }

  @Override
  public Features features(float[] samples) {
    List<PcmAudio> utterances = List.of(atFrontEndRate(samples));
    PackedRow packed = pack(utterances, framesOfAudio, 1, 0, 1);
    float[] map = onLane(lane -> lane.valueOfSamples(packed, utterances, network.graph().input()));
    int bins = network.frontEnd().melBins();
    int frames = packed.frames(0);
    float[] data = new float[map.length];
    for (int t = 0; t < frames; t++) {
      for (int f = 0; f < bins; f++) {
        data[t * bins + f] = map[f * frames + t];
      }
    }
    return new Features(frames, bins, data);
  }

  @Override
  public float[] activation(Features features, String node) {
    requireUsable();
    Node found = network.graph().find(node);
    if (found == null) {
      throw new IllegalArgumentException("the graph has no node \"%s\"".formatted(node));
    }
    List<Features> utterances = List.of(features);
    PackedRow packed = pack(utterances, Features::frames, minFrames(), 0, 1);
    return onLane(lane -> lane.valueOfFeatures(packed, utterances, found.output()));
  }

  @Override
  public List<float[]> embed(List<float[]> utterances) {
    List<PcmAudio> audio = new ArrayList<>(utterances.size());
    for (float[] samples : utterances) {
      audio.add(atFrontEndRate(samples));
    }
    return run(audio, framesOfAudio, Lane::submitSamples);
  }

  private PcmAudio atFrontEndRate(float[] samples) {
    return new PcmAudio(samples, network.frontEnd().sampleRate());
  }

  @Override
  public boolean resamples(int sampleRate) {
    return network.input().rates().has(sampleRate);
  }

  @Override
  public List<float[]> embedAudio(List<PcmAudio> utterances) {
    return run(
        utterances.stream().map(this::uploadable).toList(), framesOfAudio, Lane::submitSamples);
  }

  /** A row beyond the buckets has no room for samples at other rates: it is resampled here. */
  private PcmAudio uploadable(PcmAudio audio) {
    int rate = network.frontEnd().sampleRate();
    int columns = network.geometry().footprint(framesOfAudio.applyAsInt(audio));
    if (audio.sampleRate() == rate
        || (resamples(audio.sampleRate()) && columns <= limits.buckets().largest())) {
      return audio;
    }
    return Resampler.of(audio.sampleRate(), rate).resample(audio);
  }

  @Override
  public List<float[]> embedFeatures(List<Features> utterances) {
    return run(utterances, Features::frames, Lane::submitFeatures);
  }

  /** Between events on the stream, launch by launch rather than as a CUDA graph. */
  @Override
  public long[] nodeNanos(Features features) {
    List<Features> utterances = List.of(features);
    PackedRow packed = pack(utterances, Features::frames, minFrames(), 0, 1);
    return onLane(lane -> lane.nodeNanos(packed, utterances));
  }

  /** Prepares every lane: plans and captures rows of these lengths at the front end's rate. */
  @Override
  public void warmUp(int... frames) {
    requireUsable();
    for (int length : frames) {
      int samples = Math.toIntExact(network.frontEnd().samplesFor(length));
      List<PcmAudio> silence = List.of(atFrontEndRate(new float[samples]));
      PackedRow packed = pack(silence, framesOfAudio, minFrames(), 0, 1);
      lanes.forEach(lane -> runTwice(lane, packed, silence));
    }
  }

  /** The first run plans, the second one captures. */
  private void runTwice(Lane lane, PackedRow packed, List<PcmAudio> utterances) {
    for (int round = 0; round < 2; round++) {
      requireUsable();
      guarded(
          lane,
          () -> {
            lane.submitSamples(packed, utterances, 0);
            lane.await();
            lane.finish();
          });
    }
  }

  /** Queues a row of one kind of utterance on a lane. */
  private interface Submission<U> {
    void submit(Lane lane, PackedRow packed, List<U> utterances, int from);
  }

  /** A row under way. */
  private record Flight(Lane lane, PackedRow packed) {}

  private <U> List<float[]> run(
      List<U> utterances, ToIntFunction<U> frames, Submission<U> submission) {
    requireUsable();
    List<float[]> embeddings = new ArrayList<>(utterances.size());
    Deque<Flight> flights = new ArrayDeque<>(4);
    try {
      int from = 0;
      while (from < utterances.size()) {
        int count =
            PackedRow.fitting(
                network.geometry(),
                utterances,
                from,
                limits.buckets().largest(),
                limits.maxClips(),
                frames);
        PackedRow packed = pack(utterances, frames, minFrames(), from, from + count);
        Lane lane = nextLane(flights, embeddings);
        flights.addLast(new Flight(lane, packed));
        int first = from;
        guarded(lane, () -> submission.submit(lane, packed, utterances, first));
        from += count;
      }
      while (!flights.isEmpty()) {
        lanes.giveBack(land(flights, embeddings));
      }
      return embeddings;
    } catch (RuntimeException e) {
      // What is still under way is waited for and thrown away.
      for (Flight flight : flights) {
        recover(flight.lane(), e);
        lanes.giveBack(flight.lane());
      }
      throw e;
    }
  }

  /** A free lane, or that of the oldest row under way once it has landed. */
  private Lane nextLane(Deque<Flight> flights, List<float[]> embeddings) {
    if (flights.isEmpty()) {
      Lane lane = lanes.take();
      if (closed || broken != null) {
        lanes.giveBack(lane);
        requireUsable();
      }
      return lane;
    }
    Lane lane = lanes.poll();
    return lane != null ? lane : land(flights, embeddings);
  }

  /** Waits for the oldest row, takes its embeddings, and returns its lane, free again. */
  private Lane land(Deque<Flight> flights, List<float[]> embeddings) {
    Flight flight = flights.peekFirst();
    Lane lane = flight.lane();
    guarded(
        lane,
        () -> {
          lane.await();
          for (int clip = 0; clip < flight.packed().clips(); clip++) {
            embeddings.add(lane.embedding(clip));
          }
          lane.finish();
        });
    flights.removeFirst();
    return lane;
  }

  /** Work on a lane that returns a value. */
  private interface LaneWork<T> {
    T run(Lane lane);
  }

  private <T> T onLane(LaneWork<T> work) {
    Lane lane = nextLane(new ArrayDeque<>(), List.of());
    try {
      List<T> result = new ArrayList<>(1);
      guarded(
          lane,
          () -> {
            result.add(work.run(lane));
            lane.finish();
          });
      return result.get(0);
    } finally {
      lanes.giveBack(lane);
    }
  }

  private void guarded(Lane lane, Runnable work) {
    try {
      work.run();
    } catch (RuntimeException e) {
      if (context.isLost()) {
        broken = e;
      }
      recover(lane, e);
      throw e;
    }
  }

  /** A lane that cannot be brought to rest makes the engine unusable. */
  private void recover(Lane lane, RuntimeException failure) {
    try {
      lane.recover();
    } catch (RuntimeException e) {
      if (broken == null) {
        broken = e;
      }
      failure.addSuppressed(e);
    }
  }

  private <U> PackedRow pack(
      List<U> utterances, ToIntFunction<U> frames, int least, int from, int to) {
    requireUsable();
    for (int i = from; i < to; i++) {
      int length = frames.applyAsInt(utterances.get(i));
      if (length < least || length > maxFrames()) {
        throw new EngineException(
            "utterance %d has %d frames but this network on %s takes %d to %d"
                .formatted(i, length, context.device(), least, maxFrames()));
      }
    }
    return PackedRow.of(network.geometry(), utterances, from, to, frames);
  }

  private void requireUsable() {
    if (closed) {
      throw new IllegalStateException("the CUDA engine is closed");
    }
    RuntimeException cause = broken;
    if (cause != null) {
      throw new EngineException(
          "the CUDA engine was lost when the device failed (%s); close it and open a new one"
              .formatted(cause.getMessage()),
          cause);
    }
  }

  /** Waits for the calls under way. */
  @Override
  public void close() {
    closed = true;
    lanes.whileIdle(context::close);
  }

  @Override
  public String toString() {
    return description() + ", buckets " + Arrays.toString(limits.buckets().sizes());
  }
}
