package io.voiceprint.model;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a model's surroundings say about it: the {@code config.json} beside the weight file, and the
 * metadata inside it. Understood are the constructor arguments of 3D-Speaker's classes ({@code
 * pooling_func}, {@code feat_dim}, {@code m_channels}, …), at the top level or under {@code args},
 * and {@code threshold}; everything else is ignored.
 *
 * @param origin where the values come from, for messages
 * @param values scalars as strings, lists as comma-separated strings
 */
record ModelConfig(String origin, Map<String, String> values) {
  private static final long MAX_BYTES = 1 << 20;

  ModelConfig {
    values = Map.copyOf(values);
  }

  /** Where the configuration of {@code model} is, if it has one. */
  static Path file(Path model) {
    return model.resolveSibling("config.json");
  }

  /**
   * Reads {@code config.json} from the folder of {@code model}, over which {@code metadata} takes
   * precedence.
   *
   * @throws ModelException if the file is there but is not JSON of a reasonable size
   */
  static ModelConfig beside(Path model, Map<String, String> metadata) {
    Path file = file(model);
    Map<String, String> values = new LinkedHashMap<>();
    String origin = "the metadata of " + model;
    if (Files.isRegularFile(file)) {
      origin = file.toString();
      try {
        if (Files.size(file) > MAX_BYTES) {
          throw new ModelException(
              "%s: larger than %d bytes; is it a model's configuration?"
                  .formatted(file, MAX_BYTES));
        }
        try (JsonParser json = new JsonFactory().createParser(Files.readAllBytes(file))) {
          if (json.nextToken() != JsonToken.START_OBJECT) {
            throw new ModelException(file + ": not a JSON object");
          }
          readObject(json, values);
        }
      } catch (IOException e) {
        throw new ModelException("%s: not readable as JSON: %s".formatted(file, firstLine(e)), e);
      }
    }
    values.putAll(metadata);
    return new ModelConfig(origin, values);
  }

  private static void readObject(JsonParser json, Map<String, String> values) throws IOException {
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String name = json.currentName();
      JsonToken token = json.nextToken();
      if (token == JsonToken.START_ARRAY) {
        List<String> items = readScalars(json);
        if (items != null) {
          values.put(name, String.join(",", items));
        }
      } else if (token == JsonToken.START_OBJECT) {
        if (name.equals("args")) {
          readObject(json, values);
        } else {
          json.skipChildren();
        }
      } else if (token != JsonToken.VALUE_NULL) {
        values.put(name, json.getText());
      }
    }
  }

  /**
   * The items of a list of scalars; {@code null} for a nested list, which no argument we know has.
   */
  private static List<String> readScalars(JsonParser json) throws IOException {
    List<String> items = new ArrayList<>();
    boolean nested = false;
    for (JsonToken token = json.nextToken();
        token != JsonToken.END_ARRAY;
        token = json.nextToken()) {
      nested |= token.isStructStart();
      json.skipChildren();
      items.add(json.getText());
    }
    return nested ? null : items;
  }

  /** The same with one value more. */
  ModelConfig with(String key, String value) {
    Map<String, String> all = new LinkedHashMap<>(values);
    all.put(key, value);
    return new ModelConfig(origin, all);
  }

  /**
   * Requires that a value, where it is stated, is what was found in the model.
   *
   * @throws ModelException naming both
   */
  void require(String key, String found, Path model) {
    String stated = values.get(key);
    if (stated != null && !stated.equals(found)) {
      throw new ModelException(
          "%s: the weights have %s=%s, but %s says %s=%s; is it another model's?"
              .formatted(model, key, found, origin, key, stated));
    }
  }

  String string(String key) {
    return values.get(key);
  }

  /**
   * A whole number, or {@code otherwise} where the key is absent.
   *
   * @throws ModelException if the value is no whole number
   */
  int integer(String key, int otherwise) {
    String value = values.get(key);
    try {
      return value == null ? otherwise : Integer.parseInt(value);
    } catch (NumberFormatException e) {
      throw new ModelException(
          "%s: %s=\"%s\" is not a whole number".formatted(origin, key, value), e);
    }
  }

  /**
   * A number, or {@code null} where the key is absent.
   *
   * @throws ModelException if the value is no finite number
   */
  Double number(String key) {
    String value = values.get(key);
    if (value == null) {
      return null;
    }
    try {
      double number = Double.parseDouble(value);
      if (Double.isFinite(number)) {
        return number;
      }
    } catch (NumberFormatException e) {
      throw new ModelException("%s: %s=\"%s\" is not a number".formatted(origin, key, value), e);
    }
    throw new ModelException("%s: %s=\"%s\" is not finite".formatted(origin, key, value));
  }

  private static String firstLine(Exception e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
  }
}
