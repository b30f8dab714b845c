package io.voiceprint.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;

/**
 * The device that tests run on: the first there is, which is the software device unless a GPU was
 * asked for. Without one a test is skipped with the reason, or fails with {@code
 * -Drequire.cuda=true}.
 */
final class TestDevice {
  private TestDevice() {}

  static CudaContext open() {
    try {
      return CudaContext.open(CudaDevice.list().get(0));
    } catch (CudaException e) {
      if (e.kind() != CudaException.Kind.UNAVAILABLE || Boolean.getBoolean("require.cuda")) {
        throw e;
      }
      assumeTrue(false, e.getMessage());
      throw e;
    }
  }

  /** Skips the test if a library cannot be used. */
  static void need(CudaLibrary library) {
    CudaLibraries.Status status = CudaLibraries.status(library);
    if (!status.isUsable() && Boolean.getBoolean("require.cuda")) {
      throw CudaException.unavailable(status.problem());
    }
    assumeTrue(status.isUsable(), status.problem());
  }

  /**
   * Checks what is free of the device's memory. Only of the software device: of a GPU others take
   * and give back too, and the driver keeps pieces for itself.
   */
  static void assertFree(long expected, CudaContext context) {
    if (context.device().isSoftware()) {
      assertEquals(expected, context.freeBytes(), "bytes free");
    }
  }

  static ByteBuffer buffer(int bytes) {
    return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
  }

  static ByteBuffer randomBytes(int bytes, long seed) {
    byte[] content = new byte[bytes];
    new Random(seed).nextBytes(content);
    return buffer(bytes).put(content).flip();
  }

  /** Small whole numbers, whose products and sums float32 holds exactly. */
  static float[] integers(int count, int limit, long seed) {
    Random random = new Random(seed);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = random.nextInt(2 * limit + 1) - limit;
    }
    return values;
  }

  static DeviceMemory upload(CudaContext context, String what, float... values) {
    ByteBuffer bytes = buffer(Float.BYTES * values.length);
    bytes.asFloatBuffer().put(values);
    DeviceMemory memory = new DeviceMemory(context, what, bytes.capacity());
    memory.write(bytes);
    return memory;
  }

  static float[] download(DeviceMemory memory) {
    ByteBuffer bytes = buffer((int) memory.bytes());
    memory.read(bytes);
    float[] values = new float[bytes.capacity() / Float.BYTES];
    bytes.asFloatBuffer().get(values);
    return values;
  }
}
