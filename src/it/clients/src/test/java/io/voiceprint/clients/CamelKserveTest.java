package io.voiceprint.clients;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import inference.GrpcPredictV2.InferTensorContents;
import inference.GrpcPredictV2.ModelInferRequest;
import inference.GrpcPredictV2.ModelInferRequest.InferInputTensor;
import inference.GrpcPredictV2.ModelInferResponse;
import inference.GrpcPredictV2.ModelMetadataRequest;
import inference.GrpcPredictV2.ModelMetadataResponse;
import inference.GrpcPredictV2.ModelReadyRequest;
import inference.GrpcPredictV2.ModelReadyResponse;
import inference.GrpcPredictV2.ServerLiveRequest;
import inference.GrpcPredictV2.ServerLiveResponse;
import inference.GrpcPredictV2.ServerMetadataRequest;
import inference.GrpcPredictV2.ServerMetadataResponse;
import inference.GrpcPredictV2.ServerReadyRequest;
import inference.GrpcPredictV2.ServerReadyResponse;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import org.apache.camel.CamelContext;
import org.apache.camel.CamelExecutionException;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Apache Camel's KServe component over gRPC: every call it has. */
class CamelKserveTest {
  private static LaunchedServer server;
  private static CamelContext camel;
  private static ProducerTemplate producer;

  @BeforeAll
  static void start() throws Exception {
    server = LaunchedServer.start();
    camel = new DefaultCamelContext();
    camel.start();
    producer = camel.createProducerTemplate();
  }

  @AfterAll
  static void stop() throws Exception {
    camel.close();
    server.close();
  }

  private static <T> T call(String api, Object request, Class<T> type) {
    String endpoint = "kserve:%s?modelName=demo&target=%s".formatted(api, server.address());
    return producer.requestBody(endpoint, request, type);
  }

  @Test
  void asksForHealthAndMetadata() {
    assertTrue(
        call("server/live", ServerLiveRequest.getDefaultInstance(), ServerLiveResponse.class)
            .getLive());
    assertTrue(
        call("server/ready", ServerReadyRequest.getDefaultInstance(), ServerReadyResponse.class)
            .getReady());
    assertEquals(
        "voiceprint",
        call(
                "server/metadata",
                ServerMetadataRequest.getDefaultInstance(),
                ServerMetadataResponse.class)
            .getName());
    assertTrue(
        call("model/ready", ModelReadyRequest.getDefaultInstance(), ModelReadyResponse.class)
            .getReady());
    ModelMetadataResponse model =
        call(
            "model/metadata",
            ModelMetadataRequest.getDefaultInstance(),
            ModelMetadataResponse.class);
    assertEquals("audio", model.getInputs(0).getName());
    assertEquals("embedding", model.getOutputs(0).getName());
  }

  private static InferInputTensor.Builder audio() {
    return InferInputTensor.newBuilder().setName("audio").setDatatype("BYTES").addShape(1);
  }

  @Test
  void infersFromAFile() throws Exception {
    ModelInferRequest request =
        ModelInferRequest.newBuilder()
            .addInputs(
                audio()
                    .setContents(
                        InferTensorContents.newBuilder()
                            .addBytesContents(ByteString.copyFrom(LaunchedServer.wav("voice_a_2")))))
            .build();
    ModelInferResponse answer = call("infer", request, ModelInferResponse.class);
    assertEquals("demo", answer.getModelName());
    FloatBuffer raw =
        answer
            .getRawOutputContents(0)
            .asReadOnlyByteBuffer()
            .order(ByteOrder.LITTLE_ENDIAN)
            .asFloatBuffer();
    float[] embedding = new float[raw.remaining()];
    raw.get(embedding);
    assertArrayEquals(server.embedding("voice_a_2"), embedding);
  }

  @Test
  void understandsErrors() {
    ModelInferRequest request =
        ModelInferRequest.newBuilder()
            .addInputs(
                audio()
                    .setContents(
                        InferTensorContents.newBuilder()
                            .addBytesContents(ByteString.copyFromUtf8("no audio"))))
            .build();
    CamelExecutionException failure =
        assertThrows(
            CamelExecutionException.class, () -> call("infer", request, ModelInferResponse.class));
    assertTrue(
        failure.getCause().getMessage().contains("not a known audio format"),
        failure.getCause().getMessage());
  }
}
