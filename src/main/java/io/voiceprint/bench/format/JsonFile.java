package io.voiceprint.bench.format;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads a JSON document into maps, lists, texts, numbers (doubles) and booleans, limited in number,
 * depth and length.
 */
final class JsonFile {
  private static final long MAX_BYTES = 256L << 20;
  private static final int MAX_DEPTH = 16;
  private static final int MAX_NAME = 20_000;

  /** A histogram can be one text of megabytes. */
  static final int MAX_TEXT = 64 << 20;

  private static final JsonFactory JSON =
      JsonFactory.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(MAX_DEPTH)
                  .maxStringLength(MAX_TEXT)
                  .maxNameLength(MAX_NAME)
                  .build())
          .build();

  private final String source;
  private final ResultsFile.Extent extent;
  private final JsonParser parser;
  private int values;

  private JsonFile(String source, ResultsFile.Extent extent, JsonParser parser) {
    this.source = source;
    this.extent = extent;
    this.parser = parser;
  }

  /**
   * Reads the object that is all of the file.
   *
   * @param source what to call it in messages
   * @throws MalformedResultsException if it is no JSON object, or too large
   */
  static Fields read(Path file, String source, ResultsFile.Extent extent) throws IOException {
    if (Files.isDirectory(file)) {
      throw new MalformedResultsException(source + ": is a directory; name a file of results");
    }
    long size = Files.size(file);
    if (size > MAX_BYTES) {
      throw new MalformedResultsException(
          "%s: %d bytes, at most %d are read".formatted(source, size, MAX_BYTES));
    }
    try (InputStream stream = Files.newInputStream(file);
        JsonParser parser = JSON.createParser(stream)) {
      JsonFile json = new JsonFile(source, extent, parser);
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new MalformedResultsException(source + ": not a JSON object");
      }
      Map<String, Object> document = json.object();
      if (parser.nextToken() != null) {
        throw new MalformedResultsException(source + ": more follows the JSON object");
      }
      return new Fields(source, "", document);
    } catch (JsonProcessingException e) {
      String line = e.getLocation() == null ? "" : " at line " + e.getLocation().getLineNr();
      throw new MalformedResultsException(
          "%s: not JSON that can be read%s: %s".formatted(source, line, e.getOriginalMessage()), e);
    }
  }

  private Map<String, Object> object() throws IOException {
    Map<String, Object> fields = new LinkedHashMap<>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = parser.currentName();
      parser.nextToken();
      if (extent.skips(name)) {
        parser.skipChildren();
      } else {
        fields.put(name, value());
      }
    }
    return fields;
  }

  private Object value() throws IOException {
    if (++values > extent.values) {
      throw new MalformedResultsException(
          "%s: more than %d values".formatted(source, extent.values));
    }
    return switch (parser.currentToken()) {
      case START_OBJECT -> object();
      case START_ARRAY -> array();
      case VALUE_STRING -> text();
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> parser.getDoubleValue();
      case VALUE_TRUE, VALUE_FALSE -> parser.getBooleanValue();
      default -> Fields.NULL;
    };
  }

  private List<Object> array() throws IOException {
    List<Object> elements = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      elements.add(value());
    }
    return elements;
  }

  private String text() throws IOException {
    if (parser.getTextLength() > extent.characters) {
      throw new MalformedResultsException(
          "%s: the text of \"%s\" has more than %d characters"
              .formatted(source, parser.currentName(), extent.characters));
    }
    return parser.getText();
  }
}
