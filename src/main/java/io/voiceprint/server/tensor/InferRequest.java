package io.voiceprint.server.tensor;

import java.util.List;
import java.util.Map;

/**
 * A request to infer.
 *
 * @param id the client's own, returned to it; empty if it gave none
 * @param parameters by name: {@link String}, {@link Boolean}, {@link Long} or {@link Double}
 * @param inputs in the order of the request
 * @param outputs that are wanted; empty for all
 */
public record InferRequest(
    String id, Map<String, Object> parameters, List<Tensor> inputs, List<Output> outputs) {

  /** Parameter of the request, or of an output, that asks for binary data in the answer. */
  private static final String BINARY_OF_ALL = "binary_data_output";

  private static final String BINARY = "binary_data";

  /**
   * An output that is wanted.
   *
   * @param name the model's name for it
   * @param parameters as those of the request
   */
  public record Output(String name, Map<String, Object> parameters) {
    public Output {
      parameters = Map.copyOf(parameters);
    }
  }

  public InferRequest {
    parameters = Map.copyOf(parameters);
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
  }

  /**
   * Whether an output is wanted as binary data; its own parameter counts before the request's.
   *
   * @throws TensorException if a parameter says neither true nor false
   */
  public boolean wantsBinary(String output) {
    boolean all = truth(parameters, BINARY_OF_ALL);
    return outputs.stream()
        .filter(wanted -> wanted.name().equals(output) && wanted.parameters().containsKey(BINARY))
        .findFirst()
        .map(wanted -> truth(wanted.parameters(), BINARY))
        .orElse(all);
  }

  private static boolean truth(Map<String, Object> parameters, String name) {
    Object said = parameters.getOrDefault(name, false);
    if (said instanceof Boolean holds) {
      return holds;
    }
    throw new TensorException(
        "parameter %s must be true or false, but is %s".formatted(name, said));
  }
}
