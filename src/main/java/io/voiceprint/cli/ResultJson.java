package io.voiceprint.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.voiceprint.Embedding;
import io.voiceprint.audio.AudioWarning;
import java.io.IOException;
import java.io.StringWriter;

/** One result as a JSON object on one line. */
final class ResultJson {
  private static final JsonFactory JSON = new JsonFactory();

  private ResultJson() {}

  static String success(AudioInput input, Embedding embedding) throws IOException {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(text)) {
      json.writeStartObject();
      json.writeStringField("file", input.name());
      json.writeNumberField("seconds", embedding.seconds());
      if (!embedding.warnings().isEmpty()) {
        json.writeArrayFieldStart("warnings");
        for (AudioWarning warning : embedding.warnings()) {
          json.writeString(warning.message());
        }
        json.writeEndArray();
      }
      json.writeArrayFieldStart("embedding");
      for (float value : embedding.values()) {
        json.writeNumber(value);
      }
      json.writeEndArray();
      json.writeEndObject();
    }
    return text.toString();
  }

  static String failure(AudioInput input, String error) throws IOException {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(text)) {
      json.writeStartObject();
      json.writeStringField("file", input.name());
      json.writeStringField("error", error);
      json.writeEndObject();
    }
    return text.toString();
  }
}
