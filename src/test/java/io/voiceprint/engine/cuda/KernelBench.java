package io.voiceprint.engine.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.voiceprint.cuda.CudaContext;
import io.voiceprint.cuda.CudaDevice;
import io.voiceprint.cuda.CudaLibraries;
import io.voiceprint.cuda.CudaLibrary;
import io.voiceprint.cuda.CudaStream;
import io.voiceprint.cuda.DeviceMemory;
import io.voiceprint.cuda.KernelLibrary;
import io.voiceprint.cuda.MathMode;
import io.voiceprint.number.Float16;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A device for tests of single kernels: launches them and moves arrays. Every array lies between
 * guard bands that each read checks, and holds NaN until it is written.
 */
final class KernelBench implements AutoCloseable {
  private static final int GUARD = 256;
  private static final byte MARK = (byte) 0xa5;

  private final MathMode mode;
  private final CudaContext context;
  private final CudaStream stream;
  private final KernelSet kernels;

  private KernelBench(MathMode mode, CudaContext context) {
    this.mode = mode;
    this.context = context;
    stream = new CudaStream(context, "test");
    kernels = new KernelSet(new KernelLibrary(context), mode, context.device());
  }

  /** Skips the test where there is no device, unless the property {@code require.cuda} is set. */
  static KernelBench open(MathMode mode) {
    CudaLibraries.Status driver = CudaLibraries.status(CudaLibrary.DRIVER);
    assumeTrue(
        driver.isUsable() || Boolean.getBoolean("require.cuda"),
        () -> "no CUDA device: " + driver.problem());
    return new KernelBench(mode, CudaContext.open(CudaDevice.list().get(0)));
  }

  CudaContext context() {
    return context;
  }

  CudaStream stream() {
    return stream;
  }

  KernelSet kernels() {
    return kernels;
  }

  MathMode mode() {
    return mode;
  }

  /** What a test may allow for the rounding of stored results. */
  float tolerance() {
    return mode == MathMode.FP16 ? 1e-3f : 2e-5f;
  }

  /** A value as activations of this format hold it. */
  float rounded(float value) {
    return mode == MathMode.FP16 ? Float16.toFloat(Float16.fromFloat(value)) : value;
  }

  float[] rounded(float[] values) {
    float[] result = values.clone();
    for (int i = 0; i < result.length; i++) {
      result[i] = rounded(result[i]);
    }
    return result;
  }

  /**
   * A factor as the products of fused kernels take it: tensor cores keep 10 bits of a float32's
   * mantissa, rounded to nearest, ties away from zero.
   */
  float factor(float value) {
    return mode == MathMode.TF32 && kernels.products.onTensorCores()
        ? Float.intBitsToFloat((Float.floatToRawIntBits(value) + 0x1000) & 0xffffe000)
        : rounded(value);
  }

  float[] factors(float[] values) {
    float[] result = values.clone();
    for (int i = 0; i < result.length; i++) {
      result[i] = factor(result[i]);
    }
    return result;
  }

  void run(Launch... launches) {
    for (Launch launch : launches) {
      launch.enqueue(stream);
    }
    stream.synchronize();
  }

  void run(List<Launch> launches) {
    run(launches.toArray(Launch[]::new));
  }

  Array ints(int... values) {
    ByteBuffer bytes = buffer(values.length * Integer.BYTES);
    bytes.asIntBuffer().put(values);
    return new Array(false, bytes);
  }

  Array floats(float... values) {
    ByteBuffer bytes = buffer(values.length * Float.BYTES);
    bytes.asFloatBuffer().put(values);
    return new Array(false, bytes);
  }

  /** Unwritten floats. */
  Array floats(int count) {
    return new Array(false, nan(count * Float.BYTES));
  }

  /** The remaining bytes as they are. */
  Array bytes(ByteBuffer content) {
    return new Array(false, content);
  }

  /** Values in the format of activations. */
  Array stored(float... values) {
    return new Array(mode == MathMode.FP16, encoded(values));
  }

  /**
   * An image with a view of channels {@code offset} to {@code offset + channels} that holds {@code
   * packed}, pixel by pixel; its other channels are NaN.
   */
  Image image(float[] packed, int channels, int stride, int offset) {
    int element = mode.elementBytes();
    int pixels = packed.length / channels;
    ByteBuffer all = nan(pixels * stride * element);
    ByteBuffer values = encoded(packed);
    for (int p = 0; p < pixels; p++) {
      all.put((p * stride + offset) * element, values, p * channels * element, channels * element);
    }
    return new Image(new Array(mode == MathMode.FP16, all), channels, stride, offset);
  }

  /** An unwritten image. */
  Image image(int pixels, int channels, int stride, int offset) {
    ByteBuffer all = nan(pixels * stride * mode.elementBytes());
    return new Image(new Array(mode == MathMode.FP16, all), channels, stride, offset);
  }

  private ByteBuffer encoded(float[] values) {
    ByteBuffer bytes = buffer(values.length * mode.elementBytes());
    for (float value : values) {
      if (mode == MathMode.FP16) {
        bytes.putShort(Float16.fromFloat(value));
      } else {
        bytes.putFloat(value);
      }
    }
    return bytes.flip();
  }

  private static ByteBuffer nan(int bytes) {
    ByteBuffer buffer = buffer(bytes);
    for (int i = 0; i < bytes; i++) {
      buffer.put(i, (byte) 0xff);
    }
    return buffer;
  }

  private static ByteBuffer buffer(int bytes) {
    return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
  }

  @Override
  public void close() {
    context.close();
  }

  /** An array on the device. */
  final class Array {
    private final boolean halves;
    private final int bytes;
    private final DeviceMemory memory;

    private Array(boolean halves, ByteBuffer content) {
      this.halves = halves;
      bytes = content.remaining();
      memory = new DeviceMemory(context, "test array", bytes + 2L * GUARD);
      ByteBuffer all = buffer(bytes + 2 * GUARD);
      for (int i = 0; i < GUARD; i++) {
        all.put(i, MARK).put(GUARD + bytes + i, MARK);
      }
      all.put(GUARD, content, content.position(), bytes);
      memory.write(all);
    }

    long address() {
      return memory.address() + GUARD;
    }

    /** Replaces the content of an array of floats. */
    void write(float[] values) {
      ByteBuffer all = buffer(bytes + 2 * GUARD);
      memory.read(all);
      all.slice(GUARD, bytes).order(ByteOrder.nativeOrder()).asFloatBuffer().put(values);
      memory.write(all);
    }

    /** The content as floats, after a look at the guard bands. */
    float[] read() {
      ByteBuffer all = buffer(bytes + 2 * GUARD);
      memory.read(all);
      for (int i = 0; i < GUARD; i++) {
        assertEquals(MARK, all.get(i), "wrote before the array");
        assertEquals(MARK, all.get(GUARD + bytes + i), "wrote behind the array");
      }
      float[] values = new float[bytes / (halves ? Short.BYTES : Float.BYTES)];
      for (int i = 0; i < values.length; i++) {
        values[i] =
            halves
                ? Float16.toFloat(all.getShort(GUARD + i * Short.BYTES))
                : all.getFloat(GUARD + i * Float.BYTES);
      }
      return values;
    }
  }

  /** An image on the device with a view into its channels. */
  record Image(Array array, int channels, int stride, int offset) {
    View view() {
      return new View(array.address() + (long) offset * (array.halves ? 2 : 4), stride);
    }

    /** The view's values, packed; fails if something else was written. */
    float[] read() {
      float[] all = array.read();
      List<float[]> pixels = new ArrayList<>();
      for (int at = 0; at < all.length; at += stride) {
        pixels.add(Arrays.copyOfRange(all, at + offset, at + offset + channels));
        for (int c = 0; c < stride; c++) {
          boolean outside = c < offset || c >= offset + channels;
          assertTrue(!outside || Float.isNaN(all[at + c]), "wrote outside the view's channels");
        }
      }
      float[] packed = new float[pixels.size() * channels];
      for (int p = 0; p < pixels.size(); p++) {
        System.arraycopy(pixels.get(p), 0, packed, p * channels, channels);
      }
      return packed;
    }
  }

  /** |actual - expected| is at most {@code absolute + relative · |expected|} everywhere. */
  static void assertNear(double[] expected, float[] actual, double absolute, double relative) {
    assertEquals(expected.length, actual.length);
    for (int i = 0; i < expected.length; i++) {
      double allowed = absolute + relative * Math.abs(expected[i]);
      boolean near = Math.abs(actual[i] - expected[i]) <= allowed;
      int at = i;
      assertTrue(
          near,
          () ->
              "[%d]: expected %s, got %s, allowed difference %s"
                  .formatted(at, expected[at], actual[at], allowed));
    }
  }
}
