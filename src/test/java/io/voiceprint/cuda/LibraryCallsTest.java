package io.voiceprint.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.voiceprint.simcuda.SimCuda;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * cuBLAS, cuDNN and cuFFT against plain loops. The operands are small whole numbers, so that sums
 * are exact in every storage and in every order.
 */
@Tag("gpu")
class LibraryCallsTest {
  private CudaContext context;
  private CudaStream stream;

  @BeforeEach
  void open() {
    context = TestDevice.open();
    stream = new CudaStream(context, "s");
  }

  @AfterEach
  void close() {
    if (context != null) {
      context.close();
    }
  }

  /** What they allocate would spoil the capture. */
  @Test
  void noneIsOpenedWhileItsThreadCaptures() {
    SimCuda.require(); // NVIDIA's may put off what they allocate.
    TestDevice.need(CudaLibrary.CUBLAS);
    TestDevice.need(CudaLibrary.CUDNN);
    TestDevice.need(CudaLibrary.CUFFT);
    for (Runnable opening :
        List.<Runnable>of(
            () -> new CublasGemm(stream),
            () -> new CudnnHandle(stream),
            () -> new CufftPlan(stream, 512, 3))) {
      assertThrows(CudaException.class, () -> CudaGraph.capture(stream, "opens", opening));
    }
    assertFalse(context.isLost());
  }

  private DeviceMemory upload(MathMode mode, float[] values) {
    if (mode != MathMode.FP16) {
      return TestDevice.upload(context, "operand", values);
    }
    ByteBuffer bytes = TestDevice.buffer(Short.BYTES * values.length);
    for (float value : values) {
      bytes.putShort(toHalf((int) value));
    }
    DeviceMemory memory = new DeviceMemory(context, "operand", bytes.capacity());
    memory.write(bytes.flip());
    return memory;
  }

  private static float[] download(MathMode mode, DeviceMemory memory) {
    if (mode != MathMode.FP16) {
      return TestDevice.download(memory);
    }
    ByteBuffer bytes = TestDevice.buffer((int) memory.bytes());
    memory.read(bytes);
    float[] values = new float[bytes.capacity() / Short.BYTES];
    for (int i = 0; i < values.length; i++) {
      values[i] = fromHalf(bytes.getShort(Short.BYTES * i));
    }
    return values;
  }

  /** A whole number of at most 11 bits as IEEE binary16. */
  private static short toHalf(int value) {
    if (value == 0) {
      return 0;
    }
    int magnitude = Math.abs(value);
    int exponent = 31 - Integer.numberOfLeadingZeros(magnitude);
    int mantissa = (magnitude << 10 >> exponent) & 0x3ff;
    return (short) ((value < 0 ? 0x8000 : 0) | (exponent + 15) << 10 | mantissa);
  }

  private static float fromHalf(short bits) {
    int exponent = bits >> 10 & 0x1f;
    int mantissa = bits & 0x3ff;
    float magnitude =
        exponent == 0 ? mantissa * 0x1p-24f : Math.scalb(1024 + mantissa, exponent - 25);
    return bits < 0 ? -magnitude : magnitude;
  }

  @ParameterizedTest
  @CsvSource({
    "FP32, 1, 1, 1",
    "FP32, 3, 31, 32",
    "FP32, 127, 33, 8",
    "TF32, 33, 64, 32",
    "FP16, 1, 8, 8",
    "FP16, 127, 64, 32"
  })
  void gemmMultipliesByTheTransposedWeight(MathMode mode, int rows, int outputs, int inputs) {
    TestDevice.need(CudaLibrary.CUBLAS);
    int strideX = inputs + 8;
    int strideY = outputs + 16;
    float[] x = TestDevice.integers(rows * strideX, 3, 1);
    float[] w = TestDevice.integers(outputs * inputs, 3, 2);
    float[] expected = TestDevice.integers(rows * strideY, 9, 3);
    DeviceMemory y = upload(mode, expected);
    for (int r = 0; r < rows; r++) {
      for (int o = 0; o < outputs; o++) {
        float sum = 0;
        for (int i = 0; i < inputs; i++) {
          sum += x[r * strideX + i] * w[o * inputs + i];
        }
        expected[r * strideY + o] = sum;
      }
    }
    CublasGemm gemm = new CublasGemm(stream);
    gemm.run(
        mode,
        new CublasGemm.Shape(rows, outputs, inputs, strideX, inputs, strideY),
        upload(mode, x).address(),
        upload(mode, w).address(),
        y.address(),
        workspace());
    stream.synchronize();
    assertArrayEquals(expected, download(mode, y));
  }

  private long workspace() {
    return new DeviceMemory(context, "workspace", CublasGemm.WORKSPACE_BYTES).address();
  }

  @Test
  void gemmRefusesRowsThatOverlap() {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> new CublasGemm.Shape(3, 4, 5, 4, 5, 4));
    assertTrue(e.getMessage().contains("strideX=4"), e.getMessage());
  }

  @ParameterizedTest
  @EnumSource(MathMode.class)
  void everyConvolutionAlgorithmOnOffer(MathMode mode) {
    TestDevice.need(CudaLibrary.CUDNN);
    CudnnHandle cudnn = new CudnnHandle(stream);
    CudnnConvolution.Shape[] shapes = {
      new CudnnConvolution.Shape(5, 33, 8, 16, 3, 3, 1, 1, 1, 1),
      new CudnnConvolution.Shape(10, 31, 16, 8, 3, 3, 2, 2, 1, 1),
      new CudnnConvolution.Shape(3, 7, 8, 8, 1, 1, 2, 2, 0, 0)
    };
    for (CudnnConvolution.Shape shape : shapes) {
      float[] x = TestDevice.integers(shape.height() * shape.width() * shape.inputs(), 2, 1);
      float[] w =
          TestDevice.integers(
              shape.outputs() * shape.kernelHeight() * shape.kernelWidth() * shape.inputs(), 2, 2);
      float[] expected = convolve(shape, x, w);
      DeviceMemory dx = upload(mode, x);
      DeviceMemory dw = upload(mode, w);
      CudnnConvolution convolution = new CudnnConvolution(cudnn, mode, shape);
      assertFalse(convolution.algorithms().isEmpty(), convolution.name());
      for (CudnnConvolution.Algorithm algorithm : convolution.algorithms()) {
        DeviceMemory y = upload(mode, new float[expected.length]);
        DeviceMemory workspace =
            new DeviceMemory(context, "workspace", Math.max(1, algorithm.workspaceBytes()));
        convolution.run(algorithm, dx.address(), dw.address(), y.address(), workspace.address());
        stream.synchronize();
        // Transforms (FFT, Winograd) round even whole numbers.
        assertArrayEquals(expected, download(mode, y), 0.25f, algorithm.toString());
      }
    }
    assertTrue(CudnnHandle.version() >= 90000, "cuDNN " + CudnnHandle.version());
  }

  /** Some 35 minutes of speech at 128 channels; its documentation calls it 2 giga-elements. */
  @Test
  void cudnnOffersNothingForTensorsBeyondItsBound() {
    TestDevice.need(CudaLibrary.CUDNN);
    CudnnHandle cudnn = new CudnnHandle(stream);
    for (MathMode mode : List.of(MathMode.FP32, MathMode.FP16)) {
      for (boolean input : new boolean[] {true, false}) {
        CudnnConvolution convolution =
            new CudnnConvolution(
                cudnn,
                mode,
                new CudnnConvolution.Shape(
                    80, 1 << 18, input ? 128 : 8, input ? 8 : 128, 1, 1, 1, 1, 0, 0));
        assertEquals(List.of(), convolution.algorithms());
        convolution.close();
      }
      CudnnConvolution largest =
          new CudnnConvolution(
              cudnn, mode, new CudnnConvolution.Shape(80, 200_000, 128, 8, 1, 1, 1, 1, 0, 0));
      assertFalse(largest.algorithms().isEmpty());
      largest.close();
    }
  }

  private static float[] convolve(CudnnConvolution.Shape s, float[] x, float[] w) {
    float[] y = new float[s.outputHeight() * s.outputWidth() * s.outputs()];
    for (int i = 0; i < y.length; i++) {
      int o = i % s.outputs();
      int column = i / s.outputs() % s.outputWidth() * s.strideWidth() - s.padWidth();
      int row = i / s.outputs() / s.outputWidth() * s.strideHeight() - s.padHeight();
      for (int kh = 0; kh < s.kernelHeight(); kh++) {
        for (int kw = 0; kw < s.kernelWidth(); kw++) {
          int h = row + kh;
          int t = column + kw;
          if (h < 0 || h >= s.height() || t < 0 || t >= s.width()) {
            continue;
          }
          for (int c = 0; c < s.inputs(); c++) {
            y[i] +=
                x[(h * s.width() + t) * s.inputs() + c]
                    * w[((o * s.kernelHeight() + kh) * s.kernelWidth() + kw) * s.inputs() + c];
          }
        }
      }
    }
    return y;
  }

  @ParameterizedTest
  @CsvSource({"2, 1", "400, 3", "512, 33", "127, 5"})
  void fftOfABatch(int length, int batch) {
    TestDevice.need(CudaLibrary.CUFFT);
    float[] input = TestDevice.integers(length * batch, 100, 1);
    int bins = length / 2 + 1;
    DeviceMemory in = TestDevice.upload(context, "in", input);
    DeviceMemory out = TestDevice.upload(context, "out", new float[2 * bins * batch]);
    CufftPlan plan = new CufftPlan(stream, length, batch);
    DeviceMemory work = new DeviceMemory(context, "work", Math.max(1, plan.workBytes()));
    plan.run(in.address(), out.address(), work.address());
    stream.synchronize();
    float[] actual = TestDevice.download(out);
    for (int b = 0; b < batch; b++) {
      for (int k = 0; k < bins; k++) {
        double re = 0;
        double im = 0;
        for (int n = 0; n < length; n++) {
          double angle = -2 * Math.PI * ((long) k * n % length) / length;
          re += input[b * length + n] * Math.cos(angle);
          im += input[b * length + n] * Math.sin(angle);
        }
        // Values are at most 100, sums grow as the square root of the length.
        double tolerance = 1e-4 * Math.sqrt(length) * 100;
        assertEquals(re, actual[2 * (b * bins + k)], tolerance);
        assertEquals(im, actual[2 * (b * bins + k) + 1], tolerance);
      }
    }
  }

  @Test
  void libraryCallsCanBeCaptured() {
    TestDevice.need(CudaLibrary.CUBLAS);
    CublasGemm gemm = new CublasGemm(stream);
    long workspace = workspace();
    DeviceMemory x = TestDevice.upload(context, "x", 1, 2);
    DeviceMemory w = TestDevice.upload(context, "w", 3, 4);
    DeviceMemory y = TestDevice.upload(context, "y", 0);
    CublasGemm.Shape shape = CublasGemm.Shape.packed(1, 1, 2);
    gemm.run(MathMode.FP32, shape, x.address(), w.address(), y.address(), workspace);
    stream.synchronize();
    CudaGraph graph =
        CudaGraph.capture(
            stream,
            "gemm",
            () -> gemm.run(MathMode.FP32, shape, x.address(), w.address(), y.address(), workspace));
    ByteBuffer next = TestDevice.buffer(8).putFloat(5).putFloat(6).flip();
    x.write(next);
    graph.launch(stream);
    stream.synchronize();
    assertArrayEquals(new float[] {39}, TestDevice.download(y));
  }
}
