package io.voiceprint.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;

class KernelArgumentsTest {
  private static Kernel.Arguments arguments() {
    return new Kernel.Arguments();
  }

  @Test
  void eachIsAlignedToItsSize() {
    ByteBuffer block =
        arguments().int32(1).address(2).float32(0.5f).int32(-3).int64(4).int32(5).contents();
    assertEquals(36, block.remaining());
    assertEquals(1, block.getInt(0));
    assertEquals(2, block.getLong(8));
    assertEquals(0.5f, block.getFloat(16));
    assertEquals(-3, block.getInt(20));
    assertEquals(4, block.getLong(24));
    assertEquals(5, block.getInt(32));
  }

  @Test
  void structsKeepTheirAlignmentAndBytes() {
    ByteBuffer struct = ByteBuffer.allocate(24).order(ByteOrder.nativeOrder());
    struct.putLong(0, 7).putInt(8, 8).putLong(16, 9);
    ByteBuffer block = arguments().int32(1).struct(struct, 8).int32(2).contents();
    assertEquals(36, block.remaining());
    assertEquals(7, block.getLong(8));
    assertEquals(8, block.getInt(16));
    assertEquals(9, block.getLong(24));
    assertEquals(2, block.getInt(32));
    assertEquals(24, struct.remaining(), "the caller's buffer stays as it was");
  }

  @Test
  void growsToWhatTheDriverTakesAndNoFurther() {
    Kernel.Arguments arguments = arguments();
    for (int i = 0; i < 1024; i++) {
      arguments.int32(i);
    }
    ByteBuffer block = arguments.contents();
    for (int i = 0; i < 1024; i++) {
      assertEquals(i, block.getInt(4 * i));
    }
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> arguments.float32(1));
    assertTrue(e.getMessage().contains("4100"), e.getMessage());
  }

  @Test
  void textTellsEveryValue() {
    assertEquals(
        "arguments=(0x7f00, 3, 4, 0.5, struct of 4 bytes)",
        arguments()
            .address(0x7f00)
            .int32(3)
            .int64(4)
            .float32(0.5f)
            .struct(ByteBuffer.allocate(4), 4)
            .toString());
  }

  @Test
  void whatCannotBeAStructIsRefused() {
    Kernel.Arguments arguments = arguments();
    for (int[] sizeAndAlignment : new int[][] {{0, 4}, {6, 4}, {8, 3}, {32, 32}}) {
      ByteBuffer bytes = ByteBuffer.allocate(sizeAndAlignment[0]);
      assertThrows(
          IllegalArgumentException.class, () -> arguments.struct(bytes, sizeAndAlignment[1]));
    }
    assertEquals(0, arguments.contents().remaining());
  }
}
