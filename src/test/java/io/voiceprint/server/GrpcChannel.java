package io.voiceprint.server;

import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.voiceprint.server.inference.GRPCInferenceServiceGrpc;
import io.voiceprint.server.inference.GRPCInferenceServiceGrpc.GRPCInferenceServiceBlockingStub;

/** A connection of grpc-java's own client. */
record GrpcChannel(ManagedChannel channel) implements AutoCloseable {
  static GrpcChannel to(int port) {
    return new GrpcChannel(
        ManagedChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build());
  }

  GRPCInferenceServiceBlockingStub stub() {
    return GRPCInferenceServiceGrpc.newBlockingStub(channel);
  }

  @Override
  public void close() {
    channel.shutdownNow();
  }
}
