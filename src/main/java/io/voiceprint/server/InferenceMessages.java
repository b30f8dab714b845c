package io.voiceprint.server;

import com.google.protobuf.ByteString;
import io.voiceprint.server.inference.InferParameter;
import io.voiceprint.server.inference.InferTensorContents;
import io.voiceprint.server.inference.ModelInferRequest;
import io.voiceprint.server.inference.ModelInferRequest.InferInputTensor;
import io.voiceprint.server.tensor.DataType;
import io.voiceprint.server.tensor.InferRequest;
import io.voiceprint.server.tensor.RawTensorData;
import io.voiceprint.server.tensor.Tensor;
import io.voiceprint.server.tensor.TensorData;
import io.voiceprint.server.tensor.TensorException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Requests to infer as gRPC brings them, with typed or with raw contents. */
final class InferenceMessages {
  private InferenceMessages() {}

  /**
   * Reads a message.
   *
   * @throws TensorException if it breaks the protocol
   */
  static InferRequest read(ModelInferRequest message) {
    int raw = message.getRawInputContentsCount();
    if (raw != 0 && raw != message.getInputsCount()) {
      throw new TensorException(
          "there are %d raw_input_contents for %d inputs; one for each, or none"
              .formatted(raw, message.getInputsCount()));
    }
    List<Tensor> inputs = new ArrayList<>();
    for (int i = 0; i < message.getInputsCount(); i++) {
      InferInputTensor input = message.getInputs(i);
      if (raw > 0 && input.hasContents()) {
        throw new TensorException(
            "tensor '%s' has both contents and raw_input_contents".formatted(input.getName()));
      }
      DataType type = DataType.of(input.getName(), input.getDatatype());
      TensorData data =
          raw > 0
              ? RawTensorData.read(
                  input.getName(),
                  type,
                  input.getShapeList(),
                  ByteBuffer.wrap(message.getRawInputContents(i).toByteArray()))
              : typed(input.getName(), type, input.getContents());
      inputs.add(
          new Tensor(
              input.getName(),
              type,
              input.getShapeList(),
              parameters(input.getParametersMap()),
              data));
    }
    List<InferRequest.Output> outputs =
        message.getOutputsList().stream()
            .map(
                output ->
                    new InferRequest.Output(
                        output.getName(), parameters(output.getParametersMap())))
            .toList();
    return new InferRequest(
        message.getId(), parameters(message.getParametersMap()), inputs, outputs);
  }

  private static TensorData typed(String name, DataType type, InferTensorContents contents) {
    return switch (type) {
      case FP32 -> {
        float[] values = new float[contents.getFp32ContentsCount()];
        for (int i = 0; i < values.length; i++) {
          values[i] = contents.getFp32Contents(i);
        }
        yield new TensorData.Floats(values);
      }
      case INT16 -> {
        short[] values = new short[contents.getIntContentsCount()];
        for (int i = 0; i < values.length; i++) {
          int value = contents.getIntContents(i);
          if (value != (short) value) {
            throw new TensorException(
                "tensor '%s': element %d is %d, not an integer of its type"
                    .formatted(name, i, value));
          }
          values[i] = (short) value;
        }
        yield new TensorData.Shorts(values);
      }
      case INT32 ->
          new TensorData.Integers(
              contents.getIntContentsList().stream().mapToLong(Integer::longValue).toArray());
      case INT64 ->
          new TensorData.Integers(
              contents.getInt64ContentsList().stream().mapToLong(Long::longValue).toArray());
      case BYTES -> {
        TensorData.Strings.requireFew(name, contents.getBytesContentsCount());
        yield new TensorData.Strings(
            contents.getBytesContentsList().stream()
                .map(ByteString::toByteArray)
                .map(ByteBuffer::wrap)
                .toList());
      }
    };
  }

  private static Map<String, Object> parameters(Map<String, InferParameter> messages) {
    Map<String, Object> parameters = new HashMap<>();
    messages.forEach(
        (name, value) -> {
          switch (value.getParameterChoiceCase()) {
            case BOOL_PARAM -> parameters.put(name, value.getBoolParam());
            case INT64_PARAM -> parameters.put(name, value.getInt64Param());
            case UINT64_PARAM -> parameters.put(name, value.getUint64Param());
            case DOUBLE_PARAM -> parameters.put(name, value.getDoubleParam());
            case STRING_PARAM -> parameters.put(name, value.getStringParam());
            case PARAMETERCHOICE_NOT_SET -> {}
          }
        });
    return parameters;
  }
}
