package io.voiceprint.server;

import io.grpc.Status;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.stub.StreamObserver;
import io.voiceprint.server.inference.GRPCInferenceServiceGrpc;

/** gRPC's own health check, which probes of Kubernetes ask. There is nothing to watch. */
final class GrpcHealth extends HealthGrpc.HealthImplBase {
  private final Readiness readiness;

  GrpcHealth(Readiness readiness) {
    this.readiness = readiness;
  }

  @Override
  public void check(HealthCheckRequest request, StreamObserver<HealthCheckResponse> answer) {
    String service = request.getService();
    if (!service.isEmpty() && !service.equals(GRPCInferenceServiceGrpc.SERVICE_NAME)) {
      answer.onError(Status.NOT_FOUND.withDescription("no such service").asException());
      return;
    }
    ServingStatus status = readiness.isReady() ? ServingStatus.SERVING : ServingStatus.NOT_SERVING;
    answer.onNext(HealthCheckResponse.newBuilder().setStatus(status).build());
    answer.onCompleted();
  }
}
