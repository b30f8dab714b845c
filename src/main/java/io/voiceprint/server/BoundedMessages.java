package io.voiceprint.server;

import io.grpc.BindableService;
import io.grpc.MethodDescriptor;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import java.util.ArrayList;
import java.util.List;

/** A gRPC service that looks at the size of each message before it is parsed. */
final class BoundedMessages {
  private BoundedMessages() {}

  /** The same service with a {@link BoundedMarshaller} for the requests of each method. */
  static ServerServiceDefinition of(BindableService service) {
    ServerServiceDefinition unbounded = service.bindService();
    List<ServerMethodDefinition<?, ?>> methods = new ArrayList<>();
    unbounded.getMethods().forEach(method -> methods.add(bounded(method)));
    ServiceDescriptor old = unbounded.getServiceDescriptor();
    ServiceDescriptor.Builder descriptor =
        ServiceDescriptor.newBuilder(old.getName()).setSchemaDescriptor(old.getSchemaDescriptor());
    methods.forEach(method -> descriptor.addMethod(method.getMethodDescriptor()));
    ServerServiceDefinition.Builder bounded = ServerServiceDefinition.builder(descriptor.build());
    methods.forEach(bounded::addMethod);
    return bounded.build();
  }

  private static <Q, A> ServerMethodDefinition<Q, A> bounded(ServerMethodDefinition<Q, A> method) {
    MethodDescriptor<Q, A> descriptor = method.getMethodDescriptor();
    var requests = (MethodDescriptor.PrototypeMarshaller<Q>) descriptor.getRequestMarshaller();
    return ServerMethodDefinition.create(
        descriptor.toBuilder(new BoundedMarshaller<>(requests), descriptor.getResponseMarshaller())
            .build(),
        method.getServerCallHandler());
  }
}
