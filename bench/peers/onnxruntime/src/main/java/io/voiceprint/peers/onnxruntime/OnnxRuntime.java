package io.voiceprint.peers.onnxruntime;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.voiceprint.frontend.Features;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** ONNX Runtime's CPU provider with its default settings but the number of threads. */
final class OnnxRuntime implements Contestant {
  private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
  private final OrtSession session;
  private final String input;

  /**
   * @param model with an input (batch, frames, mel bins) and one output (batch, D)
   * @param threads of one operator
   */
  OnnxRuntime(Path model, int threads) throws OrtException {
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(threads);
      options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.ALL_OPT);
      session = environment.createSession(model.toString(), options);
    }
    input = session.getInputNames().iterator().next();
  }

  @Override
  public String name() {
    return "onnxruntime " + environment.getVersion();
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
