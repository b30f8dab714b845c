package io.voiceprint.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("gpu")
class CudaContextTest {
  @Test
  void closesWhatIsStillOpen() {
    List<CudaResource> open = new ArrayList<>();
    try (CudaContext keeper = TestDevice.open()) {
      long free = keeper.freeBytes();
      CudaContext context = TestDevice.open();
      CudaStream stream = new CudaStream(context, "s");
      open.add(stream);
      open.add(new DeviceMemory(context, "m", 1 << 20));
      open.add(new PinnedBuffer(context, "p", 127));
      open.add(new CudaEvent(context, "e"));
      open.add(new DeviceArena(context, "a", 1 << 20));
      open.add(new KernelLibrary(context).module("pcm"));
      assertEquals(open.stream().map(CudaResource::name).toList(), context.leaks());
      context.close();
      context.close();
      for (CudaResource resource : open) {
        assertTrue(resource.isClosed(), resource.name());
        resource.close();
      }
      assertEquals(List.of(), context.leaks());
      TestDevice.assertFree(free, keeper);
    }
  }

  @Test
  void aClosedChildIsForgotten() {
    try (CudaContext context = TestDevice.open()) {
      try (CudaStream stream = new CudaStream(context, "s")) {
        assertEquals(List.of("stream 's'"), context.leaks());
        assertFalse(stream.isClosed());
      }
      assertEquals(List.of(), context.leaks());
    }
  }

  @Test
  void useAfterCloseNamesContextAndDevice() {
    CudaContext context = TestDevice.open();
    context.close();
    IllegalStateException e = assertThrows(IllegalStateException.class, context::synchronize);
    assertEquals("CUDA context on " + context.device() + " was used after close()", e.getMessage());
    assertThrows(IllegalStateException.class, () -> new CudaStream(context, "s"));
  }

  @Test
  void twoOnOneDeviceShareMemoryAndOutliveEachOther() {
    try (CudaContext first = TestDevice.open()) {
      try (CudaContext second = TestDevice.open();
          DeviceMemory memory = new DeviceMemory(second, "m", 33)) {
        memory.write(TestDevice.randomBytes(33, 1));
      }
      first.synchronize();
      assertFalse(first.isLost());
    }
  }

  @Test
  void anyThreadMayUseIt() throws InterruptedException {
    try (CudaContext context = TestDevice.open();
        DeviceMemory memory = new DeviceMemory(context, "m", 127)) {
      AtomicReference<Throwable> failure = new AtomicReference<>();
      Thread thread =
          new Thread(
              () -> {
                memory.write(TestDevice.randomBytes(127, 3));
                new CudaStream(context, "of another thread").close();
              });
      thread.setUncaughtExceptionHandler((t, e) -> failure.set(e));
      thread.start();
      thread.join();
      assertEquals(null, failure.get());
      assertEquals(TestDevice.randomBytes(127, 3), read(memory), "written by the other thread");
    }
  }

  private static ByteBuffer read(DeviceMemory memory) {
    ByteBuffer bytes = TestDevice.buffer((int) memory.bytes());
    memory.read(bytes);
    return bytes;
  }

  @Test
  void theDeviceIsDescribed() {
    try (CudaContext context = TestDevice.open()) {
      CudaDevice device = context.device();
      assertEquals(0, device.ordinal());
      assertFalse(device.name().isBlank());
      assertTrue(device.computeCapability() >= 50, device.toString());
      assertTrue(device.multiprocessors() > 0);
      assertTrue(device.maxSharedBytesPerBlock() >= 48 << 10);
      assertTrue(device.sharedBytesPerMultiprocessor() >= device.maxSharedBytesPerBlock());
      assertTrue(device.driverVersion() >= CudaDevice.MINIMUM_DRIVER_VERSION);
      assertTrue(context.totalBytes() <= device.totalBytes());
      assertTrue(context.freeBytes() <= context.totalBytes());
    }
  }
}
