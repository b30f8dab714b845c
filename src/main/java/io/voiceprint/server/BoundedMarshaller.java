package io.voiceprint.server;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.UnsafeByteOperations;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.MethodDescriptor.PrototypeMarshaller;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/**
 * Parses messages whose {@link MessageMemory} is in proportion to their bytes. Byte strings share
 * the memory of what was received.
 */
final class BoundedMarshaller<T> implements Marshaller<T> {
  private final PrototypeMarshaller<T> messages;
  private final Message prototype;

  /**
   * @param messages of generated code
   */
  BoundedMarshaller(PrototypeMarshaller<T> messages) {
    this.messages = messages;
    this.prototype = (Message) messages.getMessagePrototype();
  }

  @Override
  public InputStream stream(T message) {
    return messages.stream(message);
  }

  /**
   * @throws RequestFailure if it is no such message, or would take far more memory than it has
   *     bytes
   */
  @Override
  public T parse(InputStream stream) {
    try {
      ByteString bytes = UnsafeByteOperations.unsafeWrap(stream.readAllBytes());
      MessageMemory.check(prototype.getDescriptorForType(), bytes);
      CodedInputStream input = bytes.newCodedInput();
      input.enableAliasing(true);
      Object message = prototype.getParserForType().parseFrom(input);
      input.checkLastTagWas(0);
      return messages.getMessageClass().cast(message);
    } catch (InvalidProtocolBufferException e) {
      throw new RequestFailure(
          Fault.BAD_REQUEST,
          "the message is no %s: %s"
              .formatted(prototype.getDescriptorForType().getFullName(), e.getMessage()));
    } catch (IOException e) {
      throw new UncheckedIOException(e); // Memory does not fail so.
    }
  }
}
