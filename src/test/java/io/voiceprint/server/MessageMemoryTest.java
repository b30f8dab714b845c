package io.voiceprint.server;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnknownFieldSet;
import io.voiceprint.server.inference.InferParameter;
import io.voiceprint.server.inference.InferTensorContents;
import io.voiceprint.server.inference.ModelInferRequest;
import io.voiceprint.server.inference.ModelInferRequest.InferInputTensor;
import java.util.Collections;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What people send passes; what would unfold in memory does not, wherever in the message it is. */
class MessageMemoryTest {
  private static final int MANY = 200_000;

  private static void check(ModelInferRequest message) throws Exception {
    MessageMemory.check(ModelInferRequest.getDescriptor(), message.toByteString());
  }

  private static ModelInferRequest with(InferInputTensor.Builder input) {
    return ModelInferRequest.newBuilder().setModelName("demo").addInputs(input).build();
  }

  private static void assertRefused(ModelInferRequest message) {
    RequestFailure refused = assertThrows(RequestFailure.class, () -> check(message));
    assertTrue(refused.getMessage().contains("too many parts"), refused.getMessage());
  }

  @Test
  void samplesOfAnyKindPass() throws Exception {
    check(ModelInferRequest.getDefaultInstance());
    check(Inference.files("demo", "voice_a_1", "voice_b_1"));
    InferTensorContents.Builder zeros = InferTensorContents.newBuilder();
    zeros.addAllIntContents(Collections.nCopies(MANY, 0));
    check(with(InferInputTensor.newBuilder().setContents(zeros)));
    InferTensorContents.Builder floats = InferTensorContents.newBuilder();
    floats.addAllFp32Contents(Collections.nCopies(MANY, 0.5f));
    check(with(InferInputTensor.newBuilder().setContents(floats)));
    check(
        Inference.files("demo", "voice_a_1").toBuilder()
            .putParameters("sample_rate", InferParameter.newBuilder().setInt64Param(16_000).build())
            .build());
  }

  @Test
  void whatWouldUnfoldIsRefused() {
    assertRefused(
        ModelInferRequest.newBuilder()
            .addAllInputs(Collections.nCopies(MANY, InferInputTensor.getDefaultInstance()))
            .build());
    assertRefused(
        with(
            InferInputTensor.newBuilder()
                .setContents(
                    InferTensorContents.newBuilder()
                        .addAllBytesContents(Collections.nCopies(MANY, ByteString.EMPTY)))));
    assertRefused(with(InferInputTensor.newBuilder().addAllShape(Collections.nCopies(MANY, 1L))));
    UnknownFieldSet.Builder unknown = UnknownFieldSet.newBuilder();
    for (int number = 100; number < 100 + MANY; number++) {
      unknown.mergeVarintField(number, 1);
    }
    assertRefused(
        ModelInferRequest.newBuilder()
            .putParameters(
                "a", InferParameter.newBuilder().setUnknownFields(unknown.build()).build())
            .build());
  }

  @Test
  void damageIsRefusedAndNothingElse() {
    byte[] good = Inference.files("demo", "voice_a_1").toByteArray();
    Random random = new Random(5);
    for (int i = 0; i < 5000; i++) {
      byte[] bad = good.clone();
      for (int k = random.nextInt(4); k >= 0; k--) {
        bad[random.nextInt(80)] = (byte) random.nextInt();
      }
      assertDoesNotThrow(
          () -> {
            try {
              MessageMemory.check(ModelInferRequest.getDescriptor(), ByteString.copyFrom(bad));
            } catch (RequestFailure | InvalidProtocolBufferException e) {
              // Both are the client's fault.
            }
          });
    }
  }
}
