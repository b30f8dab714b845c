package io.voiceprint.server;

import com.fasterxml.jackson.core.JsonGenerator;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.ResponseHeaders;
import io.voiceprint.Embedding;
import io.voiceprint.server.tensor.DataType;
import io.voiceprint.server.tensor.InferRequest;
import io.voiceprint.server.tensor.RawTensorData;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;

/** Answers to requests to infer as the protocol's REST form has them. */
final class InferAnswer {
  private InferAnswer() {}

  /** The embeddings, as binary data or as JSON as the request wants them. */
  static HttpResponse of(ServedModel model, InferRequest request, List<Embedding> embeddings) {
    List<float[]> rows = embeddings.stream().map(Embedding::values).toList();
    boolean binary = request.wantsBinary(InferenceInputs.OUTPUT);
    byte[] raw = binary ? RawTensorData.write(rows) : new byte[0];
    byte[] head = JsonBody.of(json -> write(json, model, request, rows, raw.length, binary));
    if (!binary) {
      return HttpResponse.of(HttpStatus.OK, MediaType.JSON, HttpData.wrap(head));
    }
    ByteArrayOutputStream body = new ByteArrayOutputStream(head.length + raw.length);
    body.writeBytes(head);
    body.writeBytes(raw);
    return HttpResponse.of(
        ResponseHeaders.builder(HttpStatus.OK)
            .contentType(MediaType.OCTET_STREAM)
            .set(InferenceRest.HEADER_LENGTH, String.valueOf(head.length))
            .build(),
        HttpData.wrap(body.toByteArray()));
  }

  private static void write(
      JsonGenerator json,
      ServedModel model,
      InferRequest request,
      List<float[]> rows,
      int rawLength,
      boolean binary)
      throws IOException {
    json.writeStartObject();
    json.writeStringField("model_name", model.name());
    json.writeStringField("model_version", ServedModel.VERSION);
    if (!request.id().isEmpty()) {
      json.writeStringField("id", request.id());
    }
    json.writeArrayFieldStart("outputs");
    json.writeStartObject();
    json.writeStringField("name", InferenceInputs.OUTPUT);
    json.writeStringField("datatype", DataType.FP32.name());
    JsonBody.numbers(json, "shape", List.of((long) rows.size(), (long) rows.get(0).length));
    if (binary) {
      json.writeObjectFieldStart("parameters");
      json.writeNumberField("binary_data_size", rawLength);
      json.writeEndObject();
    } else {
      // Flat, which the protocol allows and every client reads.
      json.writeArrayFieldStart("data");
      for (float[] row : rows) {
        for (float value : row) {
          json.writeNumber(value);
        }
      }
      json.writeEndArray();
    }
    json.writeEndObject();
    json.writeEndArray();
    json.writeEndObject();
  }
}
