package io.voiceprint.server.tensor;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

/**
 * The {@code data} of a tensor in JSON: one list, or lists in lists, of numbers or of strings. It
 * is collected first and typed later, since {@code datatype} may stand behind it.
 */
final class JsonTensorData {
  private static final int INITIAL_NUMBERS = 64;

  private double[] numbers = new double[INITIAL_NUMBERS];
  private int count;
  private final List<String> strings = new ArrayList<>();

  /** Reads the array at which the parser stands. */
  static JsonTensorData read(JsonParser json) throws IOException {
    if (json.currentToken() != JsonToken.START_ARRAY) {
      throw new TensorException("'data' of a tensor must be an array");
    }
    JsonTensorData data = new JsonTensorData();
    for (int depth = 1; depth > 0; ) {
      switch (json.nextToken()) {
        case START_ARRAY -> depth++;
        case END_ARRAY -> depth--;
        case VALUE_STRING -> data.add(json.getText());
        case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> data.add(json.getDoubleValue());
        default ->
            throw new TensorException("'data' of a tensor holds neither numbers nor strings");
      }
    }
    return data;
  }

  private void add(String string) {
    TensorData.Strings.requireFew("", strings.size() + 1L);
    strings.add(string);
  }

  private void add(double number) {
    if (count == numbers.length) {
      numbers = Arrays.copyOf(numbers, count + count / 2);
    }
    numbers[count++] = number;
  }

  /**
   * The elements as a type. BYTES are base64, since audio is no text.
   *
   * @throws TensorException if they are not of that type
   */
  TensorData as(String name, DataType type) {
    boolean bytes = type == DataType.BYTES;
    if (bytes ? count > 0 : !strings.isEmpty()) {
      throw new TensorException(
          "tensor '%s': %s in its data do not fit %s"
              .formatted(name, bytes ? "numbers" : "strings", type));
    }
    return switch (type) {
      case BYTES -> new TensorData.Strings(strings.stream().map(s -> base64(name, s)).toList());
      case FP32 -> new TensorData.Floats(floats());
      case INT16 -> new TensorData.Shorts(shorts(integers(name, Short.MIN_VALUE, Short.MAX_VALUE)));
      case INT32 -> new TensorData.Integers(integers(name, Integer.MIN_VALUE, Integer.MAX_VALUE));
      case INT64 -> new TensorData.Integers(integers(name, -0x1p53, 0x1p53));
    };
  }

  private static ByteBuffer base64(String name, String text) {
    try {
      return ByteBuffer.wrap(Base64.getDecoder().decode(text));
    } catch (IllegalArgumentException e) {
      throw new TensorException(
          "tensor '%s': BYTES in JSON must be base64; or send binary tensor data".formatted(name));
    }
  }

  private float[] floats() {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) numbers[i];
    }
    return values;
  }

  private static short[] shorts(long[] integers) {
    short[] values = new short[integers.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = (short) integers[i];
    }
    return values;
  }

  private long[] integers(String name, double least, double most) {
    long[] values = new long[count];
    for (int i = 0; i < count; i++) {
      values[i] = (long) numbers[i];
      if (values[i] != numbers[i] || numbers[i] < least || numbers[i] > most) {
        throw new TensorException(
            "tensor '%s': element %d is %s, not an integer of its type"
                .formatted(name, i, numbers[i]));
      }
    }
    return values;
  }
}
