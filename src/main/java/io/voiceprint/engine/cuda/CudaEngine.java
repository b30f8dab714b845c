package io.voiceprint.engine.cuda;

import io.voiceprint.audio.PcmAudio;
import io.voiceprint.cuda.CudaContext;
import io.voiceprint.cuda.CudaDevice;
import io.voiceprint.cuda.CudaException;
import io.voiceprint.cuda.MathMode;
import io.voiceprint.engine.DeviceLimits;
import io.voiceprint.engine.DeviceMemory;
import io.voiceprint.engine.Engine;
import io.voiceprint.engine.EngineException;
import io.voiceprint.engine.NodeWork;
import io.voiceprint.engine.Precision;
import io.voiceprint.engine.Rows;
import io.voiceprint.engine.UnsupportedNetworkException;
import io.voiceprint.frontend.FbankOptions;
import io.voiceprint.frontend.Features;
import io.voiceprint.graph.Graph;
import io.voiceprint.graph.Node;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

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
  private final AudioInput audio;
  private final EngineState state;
  private final RowRunner runner;
  private final GraphRecorder recorder;

  private CudaEngine(
      CudaContext context, Precision precision, Network network, RowLimits limits, int lanes) {
    this.context = context;
    this.precision = precision;
    this.network = network;
    this.limits = limits;
    this.rows = new PackedRows(network.geometry(), limits);
    this.audio = new AudioInput(network, limits);
    this.state = new EngineState(context);
    this.recorder = new GraphRecorder(context, state);
    List<Lane> all = new ArrayList<>();
    for (int i = 0; i < lanes; i++) {
      all.add(new Lane(context, network, limits, recorder, "lane " + i));
    }
    this.lanes = new LanePool(all);
    this.runner = new RowRunner(state, context.device(), network, limits, this.lanes);
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
    return open(device, graph, frontEnd, precision, lanes, tuning, Long.MAX_VALUE);
  }

  /**
   * As {@link #open(CudaDevice, Graph, FbankOptions, Precision, int, Tuning)}, on a part of the
   * device's memory.
   *
   * @param mostBytes of device memory to plan rows and graphs with, if so much is free
   */
  static CudaEngine open(
      CudaDevice device,
      Graph graph,
      FbankOptions frontEnd,
      Precision precision,
      int lanes,
      Tuning tuning,
      long mostBytes) {
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
      long free = Math.min(context.freeBytes(), mostBytes);
      RowLimits limits = RowLimits.of(device, network, lanes, free);
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
    if (!state.isUsable()) {
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
    return state.isBroken();
  }

  /** Bytes of the weights on the device. */
  public long weightBytes() {
    return network.weightBytes();
  }

  @Override
  public Features features(float[] samples) {
    List<PcmAudio> utterances = List.of(audio.atFrontEndRate(samples));
    PackedRow packed = runner.pack(utterances, audio::frames, 1, 0, 1);
    float[] map =
        runner.onLane(
            packed, lane -> lane.valueOfSamples(packed, utterances, network.graph().input()));
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
    state.requireUsable();
    Node found = network.graph().find(node);
    if (found == null) {
      throw new IllegalArgumentException("the graph has no node \"%s\"".formatted(node));
    }
    List<Features> utterances = List.of(features);
    PackedRow packed = runner.pack(utterances, Features::frames, minFrames(), 0, 1);
    return runner.onLane(packed, lane -> lane.valueOfFeatures(packed, utterances, found.output()));
  }

  @Override
  public List<float[]> embed(List<float[]> utterances) {
    List<PcmAudio> all = new ArrayList<>(utterances.size());
    for (float[] samples : utterances) {
      all.add(audio.atFrontEndRate(samples));
    }
    return runner.embed(all, audio::frames, Lane::submitSamples);
  }

  @Override
  public boolean resamples(int sampleRate) {
    return audio.resamples(sampleRate);
  }

  @Override
  public List<float[]> embedAudio(List<PcmAudio> utterances) {
    List<PcmAudio> uploadable = new ArrayList<>(utterances.size());
    for (PcmAudio utterance : utterances) {
      uploadable.add(audio.uploadable(utterance));
    }
    return runner.embed(uploadable, audio::frames, Lane::submitSamples);
  }

  @Override
  public List<float[]> embedFeatures(List<Features> utterances) {
    return runner.embed(utterances, Features::frames, Lane::submitFeatures);
  }

  /** Between events on the stream, launch by launch rather than as a CUDA graph. */
  @Override
  public long[] nodeNanos(Features features) {
    List<Features> utterances = List.of(features);
    PackedRow packed = runner.pack(utterances, Features::frames, minFrames(), 0, 1);
    return runner.onLane(packed, lane -> lane.nodeNanos(packed, utterances));
  }

  @Override
  public String nodeTiming() {
    return "launch by launch, between events; a pass replays them as one CUDA graph, and its time is the one that counts";
  }

  @Override
  public List<NodeWork> nodeWork(Features features) {
    List<Features> utterances = List.of(features);
    PackedRow packed = runner.pack(utterances, Features::frames, minFrames(), 0, 1);
    return runner.onLane(packed, lane -> lane.nodeWork(packed, utterances));
  }

  @Override
  public Optional<DeviceLimits> measureLimits() {
    state.requireUsable();
    return Optional.of(DeviceCeilings.measure(context.device()));
  }

  /** A pass before it loads the kernels, and its capture is waited for. */
  @Override
  public void passForProfiler(PcmAudio utterance) {
    List<float[]> unusedEmbeddings = embedAudio(List.of(utterance));
    awaitCaptures();
    List<PcmAudio> utterances = List.of(audio.uploadable(utterance));
    PackedRow packed = runner.pack(utterances, audio::frames, minFrames(), 0, 1);
    float[] unused = runner.onLane(packed, lane -> lane.passForProfiler(packed, utterances));
  }

  /**
   * Plans and captures rows of these lengths at the front end's rate, of floats and of 16-bit
   * samples, for every lane, as far as there is room for their graphs, and waits until that is
   * done. Beyond the buckets, at minutes of speech, rows are not captured.
   *
   * @throws CudaException if that fails; the engine goes on without the graph
   */
  @Override
  public void warmUp(int... frames) {
    state.requireUsable();
    for (int length : frames) {
      for (PcmAudio silence : audio.silences(length)) {
        List<PcmAudio> row = List.of(silence);
        PackedRow packed = runner.pack(row, audio::frames, minFrames(), 0, 1);
        runner.onEachLane(lane -> lane.warmUp(packed, row));
      }
    }
  }

  /** Waits until every row that has run is captured, or its capture has failed. */
  void awaitCaptures() {
    recorder.awaitIdle();
  }

  /** Waits for the calls under way and for a capture. */
  @Override
  public void close() {
    state.close();
    lanes.whileIdle(
        () -> {
          recorder.close();
          context.close();
        });
  }

  @Override
  public String toString() {
    return description() + ", buckets " + Arrays.toString(limits.buckets().sizes());
  }
}
