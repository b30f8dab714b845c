package io.voiceprint.server;

import static io.voiceprint.server.RunningServer.sample;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.stub.StreamObserver;
import io.voiceprint.SpeakerEncoder;
import io.voiceprint.audio.AudioReader;
import io.voiceprint.audio.PcmAudio;
import io.voiceprint.server.inference.GRPCInferenceServiceGrpc.GRPCInferenceServiceBlockingStub;
import io.voiceprint.server.inference.InferParameter;
import io.voiceprint.server.inference.InferTensorContents;
import io.voiceprint.server.inference.ModelInferRequest;
import io.voiceprint.server.inference.ModelInferRequest.InferInputTensor;
import io.voiceprint.server.inference.ModelInferResponse;
import io.voiceprint.server.inference.ModelMetadataRequest;
import io.voiceprint.server.inference.ModelReadyRequest;
import io.voiceprint.server.inference.ServerLiveRequest;
import io.voiceprint.server.inference.ServerMetadataRequest;
import io.voiceprint.server.inference.ServerReadyRequest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The generated stubs against the server: what the library computes, by both forms of contents. */
class InferenceGrpcTest {
  private static RunningServer server;
  private static SpeakerEncoder library;
  private static GrpcChannel channel;
  private static GRPCInferenceServiceBlockingStub stub;

  @BeforeAll
  static void start() {
    server = RunningServer.start();
    library = RunningServer.library();
    channel = GrpcChannel.to(server.port());
    stub = channel.stub();
  }

  @AfterAll
  static void stop() {
    channel.close();
    server.close();
    library.close();
  }

  private static float[] expected(String name) {
    return library.embed(RunningServer.SAMPLES.resolve(name + ".wav")).values();
  }

  private static float[] row(ModelInferResponse answer, int row) {
    ByteBuffer raw =
        answer.getRawOutputContents(0).asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
    int size = (int) answer.getOutputs(0).getShape(1);
    float[] values = new float[size];
    raw.asFloatBuffer().position(row * size).get(values);
    return values;
  }

  @Test
  void tellsOfHealthAndMetadata() {
    assertTrue(stub.serverLive(ServerLiveRequest.getDefaultInstance()).getLive());
    assertTrue(stub.serverReady(ServerReadyRequest.getDefaultInstance()).getReady());
    assertTrue(stub.modelReady(ModelReadyRequest.newBuilder().setName("demo").build()).getReady());
    assertEquals(
        List.of("binary_tensor_data", "model_repository"),
        stub.serverMetadata(ServerMetadataRequest.getDefaultInstance()).getExtensionsList());
    var model = stub.modelMetadata(ModelMetadataRequest.newBuilder().setName("demo").build());
    assertEquals("embedding", model.getOutputs(0).getName());
    assertEquals(library.limits().embeddingSize(), model.getOutputs(0).getShape(1));
    assertEquals(
        ServingStatus.SERVING,
        HealthGrpc.newBlockingStub(channel.channel())
            .check(HealthCheckRequest.getDefaultInstance())
            .getStatus());
  }

  @Test
  void filesAsTypedContents() {
    ModelInferResponse answer = stub.modelInfer(Inference.files("demo", "voice_a_1", "voice_c_2"));
    assertEquals(2, answer.getOutputs(0).getShape(0));
    assertArrayEquals(expected("voice_a_1"), row(answer, 0));
    assertArrayEquals(expected("voice_c_2"), row(answer, 1));
  }

  @Test
  void filesAsRawContents() {
    byte[] wav = sample("voice_b_1");
    ByteBuffer raw = ByteBuffer.allocate(4 + wav.length).order(ByteOrder.LITTLE_ENDIAN);
    raw.putInt(wav.length).put(wav);
    ModelInferRequest request =
        ModelInferRequest.newBuilder()
            .setModelName("demo")
            .setId("9")
            .addInputs(
                InferInputTensor.newBuilder().setName("audio").setDatatype("BYTES").addShape(1))
            .addRawInputContents(ByteString.copyFrom(raw.array()))
            .build();
    ModelInferResponse answer = stub.modelInfer(request);
    assertEquals("9", answer.getId());
    assertArrayEquals(expected("voice_b_1"), row(answer, 0));
  }

  @Test
  void samplesAsTypedContents() throws IOException {
    PcmAudio audio = new AudioReader().read(RunningServer.SAMPLES.resolve("voice_c_1.wav")).audio();
    InferTensorContents.Builder samples = InferTensorContents.newBuilder();
    for (float sample : audio.samples()) {
      samples.addFp32Contents(sample);
    }
    ModelInferRequest request =
        ModelInferRequest.newBuilder()
            .setModelName("demo")
            .putParameters("sample_rate", InferParameter.newBuilder().setInt64Param(16_000).build())
            .addInputs(
                InferInputTensor.newBuilder()
                    .setName("samples")
                    .setDatatype("FP32")
                    .addShape(1)
                    .addShape(audio.samples().length)
                    .setContents(samples))
            .addInputs(
                InferInputTensor.newBuilder()
                    .setName("lengths")
                    .setDatatype("INT32")
                    .addShape(1)
                    .setContents(
                        InferTensorContents.newBuilder().addIntContents(audio.samples().length)))
            .build();
    assertArrayEquals(expected("voice_c_1"), row(stub.modelInfer(request), 0));
  }

  @Test
  void samplesOfSixteenBitsAsTypedContents() {
    InferTensorContents.Builder samples = InferTensorContents.newBuilder();
    for (short sample : RunningServer.integers("voice_c_2")) {
      samples.addIntContents(sample);
    }
    ModelInferRequest request =
        ModelInferRequest.newBuilder()
            .setModelName("demo")
            .addInputs(
                InferInputTensor.newBuilder()
                    .setName("samples")
                    .setDatatype("INT16")
                    .addShape(1)
                    .addShape(samples.getIntContentsCount())
                    .setContents(samples))
            .build();
    assertArrayEquals(expected("voice_c_2"), row(stub.modelInfer(request), 0));
  }

  private static void assertFails(Status.Code code, String message, ModelInferRequest request) {
    StatusRuntimeException failure =
        assertThrows(StatusRuntimeException.class, () -> stub.modelInfer(request));
    assertEquals(code, failure.getStatus().getCode(), failure.getMessage());
    assertTrue(failure.getMessage().contains(message), failure.getMessage());
  }

  @Test
  void errorsHaveTheRightStatus() {
    assertFails(Status.Code.NOT_FOUND, "no such model", Inference.files("none", "voice_a_1"));
    ModelInferRequest good = Inference.files("demo", "voice_a_1");
    assertFails(
        Status.Code.INVALID_ARGUMENT,
        "both contents and raw_input_contents",
        good.toBuilder().addRawInputContents(ByteString.EMPTY).build());
    assertFails(
        Status.Code.INVALID_ARGUMENT,
        "not a known audio format",
        Inference.file("demo", "no audio at all".getBytes(StandardCharsets.UTF_8)));
    assertFails(
        Status.Code.INVALID_ARGUMENT,
        "inputs must be",
        ModelInferRequest.newBuilder().setModelName("demo").build());
    assertFails(
        Status.Code.INVALID_ARGUMENT,
        "tensor 'samples': element 1 is 70000",
        good.toBuilder()
            .setInputs(
                0,
                InferInputTensor.newBuilder()
                    .setName("samples")
                    .setDatatype("INT16")
                    .addShape(1)
                    .addShape(2)
                    .setContents(
                        InferTensorContents.newBuilder().addIntContents(1).addIntContents(70_000)))
            .build());
    assertFails(Status.Code.NOT_FOUND, "version", good.toBuilder().setModelVersion("2").build());
  }

  /** Some clients take no more than 8 KB of trailers, in which each letter may take nine bytes. */
  @Test
  void whatErrorsQuoteIsShort() {
    for (String letter : List.of("n", "漢", "\"")) {
      ModelInferRequest request =
          ModelInferRequest.newBuilder()
              .setModelName("demo")
              .addInputs(
                  InferInputTensor.newBuilder()
                      .setName(letter.repeat(10_000))
                      .setDatatype("BYTES")
                      .addShape(0))
              .build();
      assertFails(Status.Code.INVALID_ARGUMENT, "the inputs must be", request);
    }
  }

  @Test
  void describesItsServices() throws InterruptedException {
    List<String> services = new CopyOnWriteArrayList<>();
    List<Throwable> failures = new CopyOnWriteArrayList<>();
    CountDownLatch done = new CountDownLatch(1);
    StreamObserver<ServerReflectionRequest> requests =
        ServerReflectionGrpc.newStub(channel.channel())
            .serverReflectionInfo(
                new StreamObserver<>() {
                  @Override
                  public void onNext(ServerReflectionResponse answer) {
                    answer
                        .getListServicesResponse()
                        .getServiceList()
                        .forEach(service -> services.add(service.getName()));
                  }

                  @Override
                  public void onError(Throwable failure) {
                    failures.add(failure);
                    done.countDown();
                  }

                  @Override
                  public void onCompleted() {
                    done.countDown();
                  }
                });
    requests.onNext(ServerReflectionRequest.newBuilder().setListServices("").build());
    requests.onCompleted();
    done.await();
    assertEquals(List.of(), failures);
    assertTrue(services.contains("inference.GRPCInferenceService"), services.toString());
    assertTrue(services.contains("grpc.health.v1.Health"), services.toString());
  }
}
