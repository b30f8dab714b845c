package io.voiceprint.bench;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Writes maps, lists, strings, booleans, integers and doubles as JSON. */
final class JsonTree {
  private JsonTree() {}

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
