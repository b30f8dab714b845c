package io.voiceprint.server;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;

/** Writes JSON. Floats are printed so that reading them gives the same bits again. */
final class JsonBody {
  private static final JsonFactory JSON = new JsonFactory();

  private JsonBody() {}

  /** Writes one value. */
  interface Content {
    void write(JsonGenerator json) throws IOException;
  }

  /** UTF-8. */
  static byte[] of(Content content) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator json = JSON.createGenerator(bytes)) {
      content.write(json);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // Memory does not fail so.
    }
    return bytes.toByteArray();
  }

  /** The array of an embedding's values (D). */
  static void floats(JsonGenerator json, float[] values) throws IOException {
    json.writeStartArray();
    for (float value : values) {
      json.writeNumber(value);
    }
    json.writeEndArray();
  }

  /** A member that is an array of integers. */
  static void numbers(JsonGenerator json, String name, List<Long> values) throws IOException {
    json.writeArrayFieldStart(name);
    for (long value : values) {
      json.writeNumber(value);
    }
    json.writeEndArray();
  }

  /** A constant as configurations spell it. */
  static String lower(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }
}
