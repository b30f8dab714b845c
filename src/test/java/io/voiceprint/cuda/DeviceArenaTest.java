package io.voiceprint.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("gpu")
class DeviceArenaTest {
  private CudaContext context;

  @BeforeEach
  void open() {
    context = TestDevice.open();
    assumeTrue(
        context.device().virtualMemory(), context.device() + " cannot map memory piece by piece");
  }

  @AfterEach
  void close() {
    if (context != null) {
      context.close();
    }
  }

  private static void fill(CudaStream stream, PinnedBuffer host, long address, ByteBuffer content) {
    host.bytes().put(content.duplicate());
    stream.upload(address, host, 0, content.remaining());
    stream.synchronize();
  }

  private static ByteBuffer read(CudaStream stream, PinnedBuffer host, long address, int bytes) {
    stream.download(host, 0, address, bytes);
    stream.synchronize();
    return host.bytes().slice(0, bytes);
  }

  @Test
  void growingKeepsAddressAndContent() {
    int bytes = 1 << 16;
    try (DeviceArena arena = new DeviceArena(context, "lane 0", 1L << 30);
        CudaStream stream = new CudaStream(context, "s");
        PinnedBuffer host = new PinnedBuffer(context, "h", bytes)) {
      assertTrue(arena.growsInPlace());
      assertEquals(0, arena.mappedBytes());
      long address = arena.address();
      ByteBuffer[] written = new ByteBuffer[5];
      for (int i = 0; i < written.length; i++) {
        long before = arena.mappedBytes();
        assertTrue(arena.ensure(before + 1));
        assertTrue(arena.mappedBytes() > before);
        assertFalse(arena.ensure(arena.mappedBytes()), "there already");
        written[i] = TestDevice.randomBytes(bytes, i);
        // Across the seam between two pieces, and at the very end.
        fill(stream, host, address + arena.mappedBytes() - bytes, written[i]);
        assertEquals(address, arena.address());
      }
      long piece = arena.mappedBytes() / written.length;
      for (int i = 0; i < written.length; i++) {
        assertEquals(written[i], read(stream, host, address + (i + 1) * piece - bytes, bytes));
      }
    }
  }

  @Test
  void copiesMayCrossTheSeams() {
    try (DeviceArena arena = new DeviceArena(context, "lane 0", 1L << 30);
        CudaStream stream = new CudaStream(context, "s");
        PinnedBuffer host = new PinnedBuffer(context, "h", 1021)) {
      arena.ensure(1);
      long seam = arena.mappedBytes();
      arena.ensure(seam + 1);
      ByteBuffer written = TestDevice.randomBytes(1021, 5);
      fill(stream, host, arena.address() + seam - 500, written);
      host.bytes().put(TestDevice.buffer(1021));
      assertEquals(written, read(stream, host, arena.address() + seam - 500, 1021));
    }
  }

  @Test
  void memoryIsTakenAsItGrowsAndGivenBackAtTheEnd() {
    long free = context.freeBytes();
    DeviceArena arena = new DeviceArena(context, "lane 0", 1L << 30);
    TestDevice.assertFree(free, context); // A reservation takes nothing.
    arena.ensure(64 << 20);
    TestDevice.assertFree(free - arena.mappedBytes(), context);
    arena.ensure(128 << 20);
    TestDevice.assertFree(free - arena.mappedBytes(), context);
    arena.close();
    arena.close();
    TestDevice.assertFree(free, context);
    IllegalStateException e = assertThrows(IllegalStateException.class, () -> arena.ensure(1));
    assertEquals("arena 'lane 0' was used after close()", e.getMessage());
  }

  @Test
  void shrinkingGivesBackWholePiecesAndKeepsTheRest() {
    long free = context.freeBytes();
    try (DeviceArena arena = new DeviceArena(context, "lane 0", 1L << 30);
        CudaStream stream = new CudaStream(context, "s");
        PinnedBuffer host = new PinnedBuffer(context, "h", 1021)) {
      arena.ensure(1);
      long kept = arena.mappedBytes();
      ByteBuffer written = TestDevice.randomBytes(1021, 6);
      fill(stream, host, arena.address(), written);
      arena.ensure(kept + 1);
      arena.ensure(64 << 20);
      long mapped = arena.mappedBytes();
      arena.shrink(mapped - 1);
      assertEquals(mapped, arena.mappedBytes(), "the last piece is in use");
      arena.shrink(kept);
      assertEquals(kept, arena.mappedBytes());
      TestDevice.assertFree(free - kept, context);
      assertTrue(arena.ensure(64 << 20), "what was given back can be had again");
      fill(stream, host, arena.address() + arena.mappedBytes() - 1021, written);
      assertEquals(written, read(stream, host, arena.address(), 1021));
      arena.shrink(0);
      TestDevice.assertFree(free, context);
    }
  }

  @Test
  void moreThanReservedIsRefusedWithBothNumbers() {
    try (DeviceArena arena = new DeviceArena(context, "lane 0", 1 << 20)) {
      long tooMuch = arena.reservedBytes() + 1;
      IllegalArgumentException e =
          assertThrows(IllegalArgumentException.class, () -> arena.ensure(tooMuch));
      assertEquals(
          "arena 'lane 0': bytes=" + tooMuch + " but reservedBytes=" + arena.reservedBytes(),
          e.getMessage());
    }
  }

  @Test
  void runningOutLeavesTheArenaAsItWas() {
    long total = context.totalBytes();
    try (DeviceArena arena = new DeviceArena(context, "lane 0", 2 * total)) {
      arena.ensure(1);
      long mapped = arena.mappedBytes();
      long free = context.freeBytes();
      CudaException e = assertThrows(CudaException.class, () -> arena.ensure(total + mapped));
      assertEquals(CudaException.Kind.OUT_OF_MEMORY, e.kind());
      assertEquals("cuMemCreate", e.call());
      assertEquals(mapped, arena.mappedBytes());
      TestDevice.assertFree(free, context);
      assertTrue(arena.ensure(mapped + 1), "less is still to be had");
    }
  }
}
