package io.voiceprint.bench;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** JSON as maps, lists, strings, booleans, longs and doubles. */
final class JsonTree {
  private JsonTree() {}

  /**
   * Reads one value. Depth and sizes are bounded by the parser.
   *
   * @throws IOException if the file cannot be read or is not JSON
   */
  static Object read(Path file) throws IOException {
    try (JsonParser json = new JsonFactory().createParser(file.toFile())) {
      json.nextToken();
      return read(json);
    }
  }

  private static Object read(JsonParser json) throws IOException {
    JsonToken token = json.currentToken();
    if (token == null) {
      throw new IOException("no JSON in it");
    }
    switch (token) {
      case START_OBJECT:
        Map<String, Object> object = new LinkedHashMap<>();
        while (json.nextToken() != JsonToken.END_OBJECT) {
          String name = json.currentName();
          json.nextToken();
          object.put(name, read(json));
        }
        return object;
      case START_ARRAY:
        List<Object> list = new ArrayList<>();
        while (json.nextToken() != JsonToken.END_ARRAY) {
          list.add(read(json));
        }
        return list;
      case VALUE_NUMBER_INT:
        return json.getLongValue();
      case VALUE_NUMBER_FLOAT:
        return json.getDoubleValue();
      case VALUE_TRUE, VALUE_FALSE:
        return json.getBooleanValue();
      default:
        return json.getText();
    }
  }

  /**
   * An object with its fields in the order in which they are put; what is empty, or no finite
   * number, is left out.
   */
  static final class Fields {
    private final Map<String, Object> fields = new LinkedHashMap<>();

    Fields put(String name, Object value) {
      if (value instanceof Optional<?> optional) {
        optional.ifPresent(present -> fields.put(name, present));
      } else if (!(value instanceof Double number && !Double.isFinite(number))) {
        fields.put(name, value);
      }
      return this;
    }

    Map<String, Object> map() {
      return fields;
    }
  }

  static Fields fields() {
    return new Fields();
  }

  /** The text of a tree, indented. */
  static String write(Object tree) throws IOException {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
      json.useDefaultPrettyPrinter();
      write(json, tree);
    }
    return text + "\n";
  }

  private static void write(JsonGenerator json, Object value) throws IOException {
    if (value instanceof Map<?, ?> map) {
      json.writeStartObject();
      for (Map.Entry<?, ?> entry : map.entrySet()) {
        json.writeFieldName(entry.getKey().toString());
        write(json, entry.getValue());
      }
      json.writeEndObject();
    } else if (value instanceof List<?> list) {
      json.writeStartArray();
      for (Object each : list) {
        write(json, each);
      }
      json.writeEndArray();
    } else if (value instanceof Double number) {
      json.writeNumber(number);
    } else if (value instanceof Long || value instanceof Integer) {
      json.writeNumber(((Number) value).longValue());
    } else if (value instanceof Boolean bool) {
      json.writeBoolean(bool);
    } else {
      json.writeString(value.toString());
    }
  }
}
