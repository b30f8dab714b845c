package io.voiceprint.server;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor.JavaType;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import java.io.IOException;

/**
 * About how much memory a message of protobuf takes once it is parsed. An empty part is two bytes
 * on the wire and an object in memory, so that a body within its limit could unfold to fifty times
 * its size. The message is gone through without anything being made of it.
 */
final class MessageMemory {
  /** What tensors need at most: numbers of one byte become ints. */
  private static final int MOST_PER_BYTE = 4;

  /** Few parts may be large beside few bytes. */
  private static final long ALLOWANCE = 1 << 16;

  /** Bytes of an object and of what refers to it, rather too many. */
  private static final int OBJECT = 100;

  private final CodedInputStream input;
  private final long most;
  private long used;

  private MessageMemory(ByteString bytes) {
    this.input = bytes.newCodedInput();
    this.most = ALLOWANCE + (long) MOST_PER_BYTE * bytes.size();
  }

  /**
   * Refuses a message that would take far more memory than it has bytes.
   *
   * @throws RequestFailure if it would
   * @throws InvalidProtocolBufferException if it breaks off or is no message
   */
  static void check(Descriptor type, ByteString bytes) throws IOException {
    new MessageMemory(bytes).message(type);
  }

  private void message(Descriptor type) throws IOException {
    for (int tag = input.readTag(); tag != 0; tag = input.readTag()) {
      FieldDescriptor field = type.findFieldByNumber(WireFormat.getTagFieldNumber(tag));
      if (WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_LENGTH_DELIMITED) {
        delimited(field);
      } else if (WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_START_GROUP) {
        throw new RequestFailure(Fault.BAD_REQUEST, "the message has a group, which none here has");
      } else {
        use(field == null ? OBJECT : size(field));
        input.skipField(tag);
      }
    }
  }

  private void delimited(FieldDescriptor field) throws IOException {
    int length = input.readRawVarint32();
    if (field == null) {
      use(OBJECT + (long) length);
    } else if (field.getJavaType() == JavaType.MESSAGE) {
      use(OBJECT);
      int outer = input.pushLimit(length);
      message(field.getMessageType());
      input.popLimit(outer);
      return;
    } else if (field.isPackable()) {
      // Those of variable length have one byte at least.
      use((long) length * (field.getType().name().contains("FIXED") ? 1 : size(field)));
    } else {
      use(OBJECT);
    }
    input.skipRawBytes(length);
  }

  private static int size(FieldDescriptor field) {
    return switch (field.getJavaType()) {
      case LONG, DOUBLE -> Long.BYTES;
      case INT, FLOAT, ENUM -> Integer.BYTES;
      case BOOLEAN -> 1;
      default -> OBJECT;
    };
  }

  private void use(long bytes) {
    used += bytes;
    if (used > most) {
      throw new RequestFailure(
          Fault.BAD_REQUEST, "the message has too many parts, or numbers, for its bytes");
    }
  }
}
