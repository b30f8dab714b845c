package io.voiceprint.server;

import io.voiceprint.server.tensor.DataType;
import java.util.List;

/** What the Open Inference Protocol tells of server and models. */
final class InferenceMetadata {
  static final String SERVER = "voiceprint";
  static final String PLATFORM = "voiceprint";

  static final List<String> EXTENSIONS = List.of("binary_tensor_data", "model_repository");

  /**
   * Of a tensor.
   *
   * @param shape -1 for what varies
   */
  record TensorSpec(String name, String datatype, List<Long> shape) {}

  private static final long VARIES = -1;

  private InferenceMetadata() {}

  /** The version of this build, or {@code "development"} outside a jar. */
  static String version() {
    String version = InferenceMetadata.class.getPackage().getImplementationVersion();
    return version == null ? "development" : version;
  }

  /** All inputs there are; a request has {@code audio}, or {@code samples} with {@code lengths}. */
  static List<TensorSpec> inputs() {
    return List.of(
        new TensorSpec(InferenceInputs.AUDIO, DataType.BYTES.name(), List.of(VARIES)),
        new TensorSpec(InferenceInputs.SAMPLES, DataType.FP32.name(), List.of(VARIES, VARIES)),
        new TensorSpec(InferenceInputs.LENGTHS, DataType.INT32.name(), List.of(VARIES)));
  }

  static List<TensorSpec> outputs(ServedModel model) {
    long size = model.encoder().limits().embeddingSize();
    return List.of(
        new TensorSpec(InferenceInputs.OUTPUT, DataType.FP32.name(), List.of(VARIES, size)));
  }

  /**
   * Checks the version that a request names.
   *
   * @param version empty for any
   * @throws RequestFailure if there is none such
   */
  static void requireVersion(String version) {
    if (!version.isEmpty() && !version.equals(ServedModel.VERSION)) {
      throw new RequestFailure(
          Fault.NOT_FOUND, "there is only version %s of a model".formatted(ServedModel.VERSION));
    }
  }
}
