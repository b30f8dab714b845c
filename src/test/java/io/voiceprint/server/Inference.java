package io.voiceprint.server;

import com.google.protobuf.ByteString;
import io.voiceprint.server.inference.InferTensorContents;
import io.voiceprint.server.inference.ModelInferRequest;
import io.voiceprint.server.inference.ModelInferRequest.InferInputTensor;
import java.util.Arrays;

/** Requests to infer. */
final class Inference {
  private Inference() {}

  /** Samples of the demo model, as typed contents. */
  static ModelInferRequest files(String model, String... names) {
    return file(model, Arrays.stream(names).map(RunningServer::sample).toArray(byte[][]::new));
  }

  static ModelInferRequest file(String model, byte[]... files) {
    InferTensorContents.Builder contents = InferTensorContents.newBuilder();
    for (byte[] file : files) {
      contents.addBytesContents(ByteString.copyFrom(file));
    }
    return ModelInferRequest.newBuilder()
        .setModelName(model)
        .addInputs(
            InferInputTensor.newBuilder()
                .setName("audio")
                .setDatatype("BYTES")
                .addShape(files.length)
                .setContents(contents))
        .build();
  }
}
