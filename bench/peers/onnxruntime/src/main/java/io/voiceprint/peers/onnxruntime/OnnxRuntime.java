package io.voiceprint.peers.onnxruntime;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtProvider;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions;
import io.voiceprint.engine.Precision;
import io.voiceprint.frontend.Features;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** ONNX Runtime with its default settings but the number of threads. */
final class OnnxRuntime implements Contestant {
  private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
  private final OrtSession session;
  private final String input;
  private final Provider provider;
  private final int threads;

  /** What executes the network. */
  enum Provider {
    CPU,
    CUDA;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private OnnxRuntime(Path model, int threads, Provider provider) throws OrtException {
    this.provider = provider;
    this.threads = threads;
    try (SessionOptions options = new SessionOptions()) {
      options.setIntraOpNumThreads(threads);
      options.setOptimizationLevel(SessionOptions.OptLevel.ALL_OPT);
      if (provider == Provider.CUDA) {
        options.addCUDA();
      }
      session = environment.createSession(model.toString(), options);
    }
    input = session.getInputNames().iterator().next();
  }

  /**
   * Loads a network.
   *
   * @param model with an input (batch, frames, mel bins) and one output (batch, D)
   * @param threads of one operator
   * @throws UnusableException if the library has no such provider, or the network does not load
   */
  static OnnxRuntime open(Path model, int threads, Provider provider) {
    try {
      if (provider == Provider.CUDA
          && !OrtEnvironment.getAvailableProviders().contains(OrtProvider.CUDA)) {
        throw new UnusableException(
            "this ONNX Runtime was built without its CUDA provider; build the peer with the one"
                + " that has it: mvn -f bench/peers/onnxruntime package"
                + " -Donnxruntime.artifact=onnxruntime_gpu");
      }
      return new OnnxRuntime(model, threads, provider);
    } catch (OrtException | UnsatisfiedLinkError | ExceptionInInitializerError e) {
      throw new UnusableException(
          "%s: ONNX Runtime's %s provider cannot run it: %s"
              .formatted(model, provider, e.getMessage()));
    }
  }

  @Override
  public String name() {
    return "onnxruntime %s %s".formatted(environment.getVersion(), provider);
  }

  @Override
  public String device() {
    return "%s, %d threads"
        .formatted(
            provider == Provider.CPU ? "CPUExecutionProvider" : "CUDAExecutionProvider", threads);
  }

  @Override
  public Precision precision() {
    return Precision.FP32;
  }

  @Override
  public List<float[]> embed(List<Features> utterances) throws OrtException {
    Features first = utterances.get(0);
    FloatBuffer batch = FloatBuffer.allocate(utterances.size() * first.data().length);
    utterances.forEach(utterance -> batch.put(utterance.data()));
    long[] shape = {utterances.size(), first.frames(), first.bins()};
    try (OnnxTensor tensor = OnnxTensor.createTensor(environment, batch.flip(), shape);
        OrtSession.Result result = session.run(Map.of(input, tensor))) {
      return List.of((float[][]) result.get(0).getValue());
    }
  }

  @Override
  public void close() throws OrtException {
    session.close();
  }
}
