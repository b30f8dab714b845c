package io.voiceprint.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * An object of a file that another program wrote; what is missing or of another type is an error
 * that names the field.
 */
final class JsonObject {
  private final String source;
  private final Map<?, ?> fields;

  /**
   * @param source whose it is, for messages
   * @throws IOException if it is not an object
   */
  JsonObject(String source, Object tree) throws IOException {
    this.source = source;
    if (!(tree instanceof Map<?, ?> map)) {
      throw new IOException(source + " is not an object");
    }
    this.fields = map;
  }

  boolean has(String name) {
    return fields.containsKey(name);
  }

  String text(String name) throws IOException {
    return get(name, String.class);
  }

  double number(String name) throws IOException {
    return get(name, Number.class).doubleValue();
  }

  JsonObject object(String name) throws IOException {
    return new JsonObject(source + "." + name, get(name, Map.class));
  }

  List<JsonObject> objects(String name) throws IOException {
    List<JsonObject> objects = new ArrayList<>();
    for (Object each : get(name, List.class)) {
      objects.add(new JsonObject("%s.%s[%d]".formatted(source, name, objects.size()), each));
    }
    return objects;
  }

  double[] numbers(String name) throws IOException {
    return numbers(name, get(name, List.class));
  }

  /** Rows of numbers; at least one. */
  List<float[]> matrix(String name) throws IOException {
    List<float[]> rows = new ArrayList<>();
    for (Object row : get(name, List.class)) {
      double[] numbers = numbers(name, row);
      float[] values = new float[numbers.length];
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) numbers[i];
      }
      rows.add(values);
    }
    if (rows.isEmpty()) {
      throw wrong(name, "has no rows");
    }
    return rows;
  }

  private double[] numbers(String name, Object list) throws IOException {
    if (!(list instanceof List<?> values)) {
      throw wrong(name, "is not a list of numbers");
    }
    double[] numbers = new double[values.size()];
    for (int i = 0; i < numbers.length; i++) {
      if (!(values.get(i) instanceof Number number)) {
        throw wrong(name, "holds something else than numbers");
      }
      numbers[i] = number.doubleValue();
    }
    return numbers;
  }

  private <T> T get(String name, Class<T> type) throws IOException {
    Object value = fields.get(name);
    if (!type.isInstance(value)) {
      throw wrong(name, value == null ? "is missing" : "is not a " + type.getSimpleName());
    }
    return type.cast(value);
  }

  private IOException wrong(String name, String fault) {
    return new IOException("%s: field \"%s\" %s".formatted(source, name, fault));
  }
}
