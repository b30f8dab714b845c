package io.voiceprint.server;

import com.google.protobuf.ByteString;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.grpc.stub.StreamObserver;
import io.voiceprint.Embedding;
import io.voiceprint.server.inference.GRPCInferenceServiceGrpc;
import io.voiceprint.server.inference.ModelInferRequest;
import io.voiceprint.server.inference.ModelInferResponse;
import io.voiceprint.server.inference.ModelMetadataRequest;
import io.voiceprint.server.inference.ModelMetadataResponse;
import io.voiceprint.server.inference.ModelReadyRequest;
import io.voiceprint.server.inference.ModelReadyResponse;
import io.voiceprint.server.inference.RepositoryIndexRequest;
import io.voiceprint.server.inference.RepositoryIndexResponse;
import io.voiceprint.server.inference.RepositoryModelLoadRequest;
import io.voiceprint.server.inference.RepositoryModelLoadResponse;
import io.voiceprint.server.inference.RepositoryModelUnloadRequest;
import io.voiceprint.server.inference.RepositoryModelUnloadResponse;
import io.voiceprint.server.inference.ServerLiveRequest;
import io.voiceprint.server.inference.ServerLiveResponse;
import io.voiceprint.server.inference.ServerMetadataRequest;
import io.voiceprint.server.inference.ServerMetadataResponse;
import io.voiceprint.server.inference.ServerReadyRequest;
import io.voiceprint.server.inference.ServerReadyResponse;
import io.voiceprint.server.tensor.DataType;
import io.voiceprint.server.tensor.InferRequest;
import io.voiceprint.server.tensor.RawTensorData;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** The Open Inference Protocol over gRPC: {@code inference.GRPCInferenceService}. */
final class InferenceGrpc extends GRPCInferenceServiceGrpc.GRPCInferenceServiceImplBase {
  private final ModelRegistry registry;
  private final EmbeddingPipeline pipeline;
  private final Readiness readiness;
  private final ModelControl control;

  InferenceGrpc(
      ModelRegistry registry,
      EmbeddingPipeline pipeline,
      Readiness readiness,
      ModelControl control) {
    this.registry = registry;
    this.pipeline = pipeline;
    this.readiness = readiness;
    this.control = control;
  }

  @Override
  public void serverLive(ServerLiveRequest request, StreamObserver<ServerLiveResponse> answer) {
    answer(answer, ServerLiveResponse.newBuilder().setLive(true).build());
  }

  @Override
  public void serverReady(ServerReadyRequest request, StreamObserver<ServerReadyResponse> answer) {
    answer(answer, ServerReadyResponse.newBuilder().setReady(readiness.isReady()).build());
  }

  @Override
  public void modelReady(ModelReadyRequest request, StreamObserver<ModelReadyResponse> answer) {
    InferenceMetadata.requireVersion(request.getVersion());
    boolean ready = registry.isReady(request.getName());
    answer(answer, ModelReadyResponse.newBuilder().setReady(ready).build());
  }

  @Override
  public void serverMetadata(
      ServerMetadataRequest request, StreamObserver<ServerMetadataResponse> answer) {
    answer(
        answer,
        ServerMetadataResponse.newBuilder()
            .setName(InferenceMetadata.SERVER)
            .setVersion(InferenceMetadata.version())
            .addAllExtensions(InferenceMetadata.EXTENSIONS)
            .build());
  }

  @Override
  public void modelMetadata(
      ModelMetadataRequest request, StreamObserver<ModelMetadataResponse> answer) {
    InferenceMetadata.requireVersion(request.getVersion());
    ServedModel model = registry.get(request.getName());
    ModelMetadataResponse.Builder metadata =
        ModelMetadataResponse.newBuilder()
            .setName(model.name())
            .addVersions(ServedModel.VERSION)
            .setPlatform(InferenceMetadata.PLATFORM);
    InferenceMetadata.inputs().forEach(tensor -> metadata.addInputs(message(tensor)));
    InferenceMetadata.outputs(model).forEach(tensor -> metadata.addOutputs(message(tensor)));
    answer(answer, metadata.build());
  }

  private static ModelMetadataResponse.TensorMetadata message(InferenceMetadata.TensorSpec tensor) {
    return ModelMetadataResponse.TensorMetadata.newBuilder()
        .setName(tensor.name())
        .setDatatype(tensor.datatype())
        .addAllShape(tensor.shape())
        .build();
  }

  @Override
  public void modelInfer(ModelInferRequest request, StreamObserver<ModelInferResponse> answer) {
    InferenceMetadata.requireVersion(request.getModelVersion());
    ServedModel model = registry.get(request.getModelName());
    model.requireRoom();
    ServiceRequestContext context = ServiceRequestContext.current();
    answer(
        answer,
        CompletableFuture.supplyAsync(() -> InferenceMessages.read(request), pipeline.decoders())
            .thenCompose(infer -> embed(model, infer, context))
            .thenApply(embeddings -> message(model, request, embeddings)));
  }

  private CompletableFuture<List<Embedding>> embed(
      ServedModel model, InferRequest infer, ServiceRequestContext context) {
    RequestTerms terms = RequestTerms.of(infer);
    terms.apply(context);
    int rate = model.encoder().limits().sampleRate();
    List<Clip> clips = InferenceInputs.clips(infer, rate, pipeline.mostClips());
    return pipeline.embedAll(model, clips, terms.priority(), context);
  }

  /** With raw contents, as Triton answers and its clients expect. */
  private static ModelInferResponse message(
      ServedModel model, ModelInferRequest request, List<Embedding> embeddings) {
    List<float[]> rows = embeddings.stream().map(Embedding::values).toList();
    return ModelInferResponse.newBuilder()
        .setModelName(model.name())
        .setModelVersion(ServedModel.VERSION)
        .setId(request.getId())
        .addOutputs(
            ModelInferResponse.InferOutputTensor.newBuilder()
                .setName(InferenceInputs.OUTPUT)
                .setDatatype(DataType.FP32.name())
                .addShape(rows.size())
                .addShape(rows.get(0).length))
        .addRawOutputContents(ByteString.copyFrom(RawTensorData.write(rows)))
        .build();
  }

  @Override
  public void repositoryIndex(
      RepositoryIndexRequest request, StreamObserver<RepositoryIndexResponse> answer) {
    RepositoryIndexResponse.Builder index = RepositoryIndexResponse.newBuilder();
    for (ModelState state : registry.states()) {
      if (!request.getReady() || state.state() == ModelState.State.READY) {
        index.addModels(
            RepositoryIndexResponse.ModelIndex.newBuilder()
                .setName(state.name())
                .setVersion(ServedModel.VERSION)
                .setState(state.state().name())
                .setReason(state.reason()));
      }
    }
    answer(answer, index.build());
  }

  @Override
  public void repositoryModelLoad(
      RepositoryModelLoadRequest request, StreamObserver<RepositoryModelLoadResponse> answer) {
    RepositoryModelLoadResponse done = RepositoryModelLoadResponse.getDefaultInstance();
    answer(answer, control.load(request.getModelName()).thenApply(nothing -> done));
  }

  @Override
  public void repositoryModelUnload(
      RepositoryModelUnloadRequest request, StreamObserver<RepositoryModelUnloadResponse> answer) {
    RepositoryModelUnloadResponse done = RepositoryModelUnloadResponse.getDefaultInstance();
    answer(answer, control.unload(request.getModelName()).thenApply(nothing -> done));
  }

  private static <T> void answer(StreamObserver<T> answer, T message) {
    answer.onNext(message);
    answer.onCompleted();
  }

  private static <T> void answer(StreamObserver<T> answer, CompletableFuture<T> later) {
    var unused =
        later.whenComplete(
            (message, failure) -> {
              if (failure == null) {
                answer(answer, message);
              } else {
                answer.onError(failure);
              }
            });
  }
}
