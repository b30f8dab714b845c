package io.voiceprint.checkpoint;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads safetensors: 8 bytes with the length of the header, the header in JSON, then the elements
 * of all tensors without gaps.
 *
 * <p>Source: the "Format" section of the README of github.com/huggingface/safetensors, from which
 * the limit of 100 MB and the rule that nothing may overlap or be left over come too.
 */
final class SafetensorsReader {
  private static final int LENGTH_BYTES = 8;
  private static final long MAX_HEADER_BYTES = 100_000_000;

  /** The one key of the header that names no tensor. */
  static final String METADATA = "__metadata__";

  private static final JsonFactory JSON =
      JsonFactory.builder()
          .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(3)
                  .maxNumberLength(20)
                  .maxNameLength(1000)
                  .build())
          .build();

  private record Header(String name, DType dtype, Extents extents, long begin, long end) {}

  private final WeightFile file;
  private final List<Header> headers = new ArrayList<>();
  private final Map<String, String> metadata = new LinkedHashMap<>();

  private SafetensorsReader(WeightFile file) {
    this.file = file;
  }

  /** Whether the ninth byte opens a JSON object, which the format requires. */
  static boolean looksLikeSafetensors(WeightFile file) throws CheckpointException {
    return file.size() > LENGTH_BYTES && file.slice(LENGTH_BYTES, 1).get() == '{';
  }

  static StateDict read(WeightFile file) throws CheckpointException {
    return new SafetensorsReader(file).readAll();
  }

  private StateDict readAll() throws CheckpointException {
    if (file.size() < LENGTH_BYTES) {
      throw file.failure("has " + file.size() + " bytes, too short for safetensors");
    }
    long length = file.slice(0, LENGTH_BYTES).getLong();
    if (length < 2 || length > MAX_HEADER_BYTES || length > file.size() - LENGTH_BYTES) {
      throw file.failure(
          "safetensors header of "
              + Long.toUnsignedString(length)
              + " bytes, expected 2 to "
              + Math.min(MAX_HEADER_BYTES, file.size() - LENGTH_BYTES));
    }
    byte[] header = new byte[(int) length];
    file.slice(LENGTH_BYTES, length).get(header);
    try (JsonParser json = JSON.createParser(header)) {
      parse(json);
    } catch (CheckpointException e) {
      throw e;
    } catch (IOException e) {
      throw file.failure("safetensors header is not valid JSON: " + firstLine(e));
    }
    return tensors(LENGTH_BYTES + length).toStateDict(metadata);
  }

  private static String firstLine(IOException e) {
    String message = String.valueOf(e.getMessage());
    int end = message.indexOf('\n');
    return end < 0 ? message : message.substring(0, end);
  }

  private void parse(JsonParser json) throws IOException {
    expect(json.nextToken(), JsonToken.START_OBJECT, "the header");
    while (json.nextToken() != JsonToken.END_OBJECT) {
      String name = json.currentName();
      expect(json.nextToken(), JsonToken.START_OBJECT, name);
      if (name.equals(METADATA)) {
        parseMetadata(json);
      } else {
        headers.add(parseTensor(json, name));
      }
    }
    if (json.nextToken() != null) {
      throw file.failure("safetensors header goes on after its JSON object");
    }
  }

  private void parseMetadata(JsonParser json) throws IOException {
    while (json.nextToken() != JsonToken.END_OBJECT) {
      String key = json.currentName();
      expect(json.nextToken(), JsonToken.VALUE_STRING, METADATA + "." + key);
      metadata.put(key, json.getText());
    }
  }

  private Header parseTensor(JsonParser json, String name) throws IOException {
    DType dtype = null;
    long[] shape = null;
    long[] offsets = null;
    while (json.nextToken() != JsonToken.END_OBJECT) {
      String field = json.currentName();
      json.nextToken();
      switch (field) {
        case "dtype" -> dtype = dtype(json, name);
        case "shape" -> shape = integers(json, name + ".shape");
        case "data_offsets" -> offsets = integers(json, name + ".data_offsets");
        default -> throw file.failure(name + ": unknown field " + field);
      }
    }
    if (dtype == null || shape == null || offsets == null || offsets.length != 2) {
      throw file.failure(name + ": expected dtype, shape and two data_offsets");
    }
    try {
      return new Header(name, dtype, Extents.contiguous(shape), offsets[0], offsets[1]);
    } catch (Extents.MalformedExtentsException e) {
      throw file.failure(name + ": " + e.getMessage());
    }
  }

  private DType dtype(JsonParser json, String name) throws IOException {
    expect(json.currentToken(), JsonToken.VALUE_STRING, name + ".dtype");
    return switch (json.getText()) {
      case "F64" -> DType.FLOAT64;
      case "F32" -> DType.FLOAT32;
      case "F16" -> DType.FLOAT16;
      case "BF16" -> DType.BFLOAT16;
      case "I64" -> DType.INT64;
      case "I32" -> DType.INT32;
      case "I16" -> DType.INT16;
      case "I8" -> DType.INT8;
      case "U8" -> DType.UINT8;
      case "BOOL" -> DType.BOOL;
      default -> throw file.failure(name + ": dtype " + json.getText() + " is not supported");
    };
  }

  private long[] integers(JsonParser json, String what) throws IOException {
    expect(json.currentToken(), JsonToken.START_ARRAY, what);
    long[] values = new long[Extents.MAX_DIMENSIONS];
    int count = 0;
    while (json.nextToken() != JsonToken.END_ARRAY) {
      expect(json.currentToken(), JsonToken.VALUE_NUMBER_INT, what);
      if (count == values.length) {
        throw file.failure(what + ": more than " + values.length + " numbers");
      }
      values[count++] = json.getLongValue();
    }
    return Arrays.copyOf(values, count);
  }

  private void expect(JsonToken actual, JsonToken expected, String what)
      throws CheckpointException {
    if (actual != expected) {
      throw file.failure(what + ": expected " + expected + ", found " + actual);
    }
  }

  private TensorTable tensors(long start) throws CheckpointException {
    requireGapless(file.size() - start);
    TensorTable tensors = new TensorTable(file);
    for (Header header : headers) {
      FileRecord record =
          FileRecord.unchecked(file, header.name, start + header.begin, header.end - header.begin);
      String name = TensorTable.strip(header.name);
      tensors.add(new FileTensor(name, header.dtype, header.extents, record, 0));
    }
    return tensors;
  }

  private void requireGapless(long available) throws CheckpointException {
    List<Header> ordered = new ArrayList<>(headers);
    ordered.sort(Comparator.comparingLong(Header::begin).thenComparingLong(Header::end));
    long next = 0;
    for (Header header : ordered) {
      long needed = header.extents.elements() * header.dtype.bytes();
      if (header.begin != next || header.end > available || header.end - header.begin != needed) {
        throw file.failure(
            header.name
                + ": data_offsets ["
                + header.begin
                + ", "
                + header.end
                + "], expected "
                + needed
                + " bytes from "
                + next
                + " within "
                + available);
      }
      next = header.end;
    }
    if (next != available) {
      throw file.failure(
          "the tensors take "
              + next
              + " bytes but the file holds "
              + available
              + " after its header");
    }
  }
}
