package io.voiceprint.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("gpu")
class DeviceMemoryTest {
  private CudaContext context;

  @BeforeEach
  void open() {
    context = TestDevice.open();
  }

  @AfterEach
  void close() {
    if (context != null) {
      context.close();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 31, 32, 33, 127, 1021, 1 << 20})
  void holdsWhatWasWritten(int bytes) {
    ByteBuffer written = TestDevice.randomBytes(bytes, bytes);
    ByteBuffer read = TestDevice.buffer(bytes);
    try (DeviceMemory memory = new DeviceMemory(context, "weights", bytes)) {
      memory.write(written);
      assertEquals(bytes, written.remaining(), "the position stays");
      memory.read(read);
      assertEquals(written, read);
      assertEquals(0, memory.address() % 256);
    }
  }

  @Test
  void heapBuffersAndPartsOfBuffersWork() {
    ByteBuffer heap = ByteBuffer.wrap(new byte[] {1, 2, 3, 4, 5});
    try (DeviceMemory memory = new DeviceMemory(context, "weights", 8)) {
      memory.write(heap.position(1).limit(4));
      ByteBuffer read = TestDevice.buffer(7).position(2).limit(5);
      memory.read(read);
      assertEquals(ByteBuffer.wrap(new byte[] {2, 3, 4}), read);
      assertEquals(0, read.get(1));
      assertEquals(0, read.limit(7).get(5));
    }
  }

  @Test
  void moreThanItHoldsIsRefused() {
    try (DeviceMemory memory = new DeviceMemory(context, "weights", 31)) {
      ByteBuffer larger = TestDevice.buffer(32);
      assertThrows(IndexOutOfBoundsException.class, () -> memory.write(larger));
      assertThrows(IndexOutOfBoundsException.class, () -> memory.read(larger));
    }
  }

  @Test
  void useAfterCloseNamesIt() {
    DeviceMemory memory = new DeviceMemory(context, "weights", 3);
    memory.close();
    memory.close();
    assertTrue(memory.isClosed());
    for (IllegalStateException e :
        new IllegalStateException[] {
          assertThrows(IllegalStateException.class, memory::address),
          assertThrows(IllegalStateException.class, () -> memory.read(TestDevice.buffer(3)))
        }) {
      assertEquals("device memory 'weights' was used after close()", e.getMessage());
    }
  }

  @Test
  void runningOutIsToldWithTheSizeAndHarmsNothing() {
    long tooMuch = 2 * context.totalBytes();
    CudaException e =
        assertThrows(CudaException.class, () -> new DeviceMemory(context, "all", tooMuch));
    assertEquals(CudaException.Kind.OUT_OF_MEMORY, e.kind());
    assertEquals("cuMemAlloc", e.call());
    assertTrue(
        e.getMessage().startsWith("cuMemAlloc returned CUDA_ERROR_OUT_OF_MEMORY (2: "),
        e.getMessage());
    assertTrue(e.getMessage().endsWith(", device memory 'all', bytes=" + tooMuch), e.getMessage());
    assertFalse(context.isLost());
    holdsWhatWasWritten(33);
  }

  @Test
  void closingGivesTheMemoryBack() {
    long free = context.freeBytes();
    DeviceMemory memory = new DeviceMemory(context, "weights", 64 << 20);
    TestDevice.assertFree(free - (64 << 20), context);
    memory.close();
    TestDevice.assertFree(free, context);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 31, 1021})
  void streamsCopyBetweenHostAndDevice(int bytes) {
    ByteBuffer written = TestDevice.randomBytes(bytes, 7);
    try (CudaStream stream = new CudaStream(context, "copies");
        PinnedBuffer host = new PinnedBuffer(context, "staging", 2 * bytes + 5);
        DeviceMemory a = new DeviceMemory(context, "a", bytes + 3);
        DeviceMemory b = new DeviceMemory(context, "b", bytes)) {
      host.bytes().put(5, written, 0, bytes);
      stream.zero(a.address(), 3);
      stream.upload(a.address() + 3, host, 5, bytes);
      stream.copy(b.address(), a.address() + 3, bytes);
      stream.download(host, 5 + bytes, b.address(), bytes);
      stream.synchronize();
      assertTrue(stream.isIdle());
      assertEquals(written, host.bytes().slice(5 + bytes, bytes));
      ByteBuffer head = TestDevice.buffer(3);
      a.read(head);
      assertEquals(TestDevice.buffer(3), head);
    }
  }

  @Test
  void pinnedBuffersAreGuarded() {
    PinnedBuffer host = new PinnedBuffer(context, "staging", 16);
    try (CudaStream stream = new CudaStream(context, "copies");
        DeviceMemory memory = new DeviceMemory(context, "a", 32)) {
      assertThrows(
          IndexOutOfBoundsException.class, () -> stream.upload(memory.address(), host, 8, 9));
      host.close();
      IllegalStateException e =
          assertThrows(
              IllegalStateException.class, () -> stream.upload(memory.address(), host, 0, 1));
      assertEquals("pinned buffer 'staging' was used after close()", e.getMessage());
    }
  }
}
