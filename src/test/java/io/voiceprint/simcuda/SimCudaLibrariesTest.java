package io.voiceprint.simcuda;

import static jcuda.driver.JCudaDriver.cuMemFree;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import jcuda.Pointer;
import jcuda.Sizeof;
import jcuda.driver.CUdeviceptr;
import jcuda.jcublas.JCublas2;
import jcuda.jcublas.cublasHandle;
import jcuda.jcublas.cublasOperation;
import jcuda.jcudnn.JCudnn;
import jcuda.jcudnn.cudnnConvolutionDescriptor;
import jcuda.jcudnn.cudnnConvolutionFwdAlgo;
import jcuda.jcudnn.cudnnConvolutionMode;
import jcuda.jcudnn.cudnnDataType;
import jcuda.jcudnn.cudnnFilterDescriptor;
import jcuda.jcudnn.cudnnHandle;
import jcuda.jcudnn.cudnnMathType;
import jcuda.jcudnn.cudnnTensorDescriptor;
import jcuda.jcudnn.cudnnTensorFormat;
import jcuda.jcufft.JCufft;
import jcuda.jcufft.cufftHandle;
import jcuda.jcufft.cufftType;
import org.junit.jupiter.api.Test;

/** The libraries of the software CUDA device against plain loops. */
class SimCudaLibrariesTest extends SimCudaDevice {
  @Test
  void multipliesMatrices() {
    int m = 33;
    int n = 17;
    int k = 31;
    float[] a = waves(m * k, 1);
    float[] b = waves(k * n, 2);
    CUdeviceptr deviceA = upload(a);
    CUdeviceptr deviceB = upload(b);
    CUdeviceptr deviceC = allocate(m * n);
    cublasHandle handle = new cublasHandle();
    check(JCublas2.cublasCreate(handle));
    check(
        JCublas2.cublasSgemm(
            handle,
            cublasOperation.CUBLAS_OP_T,
            cublasOperation.CUBLAS_OP_N,
            m,
            n,
            k,
            Pointer.to(new float[] {2}),
            deviceA,
            k,
            deviceB,
            k,
            Pointer.to(new float[] {0}),
            deviceC,
            m));
    float[] c = download(deviceC, m * n);
    for (int j = 0; j < n; j++) {
      for (int i = 0; i < m; i++) {
        double sum = 0;
        for (int l = 0; l < k; l++) {
          sum += 2.0 * a[i * k + l] * b[j * k + l];
        }
        assertEquals(sum, c[j * m + i], 1e-5, "row " + i + " column " + j);
      }
    }
    check(JCublas2.cublasDestroy(handle));
    check(cuMemFree(deviceA));
    check(cuMemFree(deviceB));
    check(cuMemFree(deviceC));
  }

  @Test
  void convolves() {
    int channels = 5;
    int outputs = 19;
    int height = 6;
    int width = 9;
    int outHeight = 3;
    int outWidth = 5;
    float[] x = waves(height * width * channels, 3);
    float[] w = waves(outputs * 9 * channels, 4);
    cudnnHandle handle = new cudnnHandle();
    check(JCudnn.cudnnCreate(handle));
    cudnnTensorDescriptor in = new cudnnTensorDescriptor();
    cudnnTensorDescriptor out = new cudnnTensorDescriptor();
    cudnnFilterDescriptor filter = new cudnnFilterDescriptor();
    cudnnConvolutionDescriptor convolution = new cudnnConvolutionDescriptor();
    check(JCudnn.cudnnCreateTensorDescriptor(in));
    check(JCudnn.cudnnCreateTensorDescriptor(out));
    check(JCudnn.cudnnCreateFilterDescriptor(filter));
    check(JCudnn.cudnnCreateConvolutionDescriptor(convolution));
    int nhwc = cudnnTensorFormat.CUDNN_TENSOR_NHWC;
    int type = cudnnDataType.CUDNN_DATA_FLOAT;
    check(JCudnn.cudnnSetTensor4dDescriptor(in, nhwc, type, 1, channels, height, width));
    check(JCudnn.cudnnSetTensor4dDescriptor(out, nhwc, type, 1, outputs, outHeight, outWidth));
    check(JCudnn.cudnnSetFilter4dDescriptor(filter, type, nhwc, outputs, channels, 3, 3));
    int mode = cudnnConvolutionMode.CUDNN_CROSS_CORRELATION;
    check(JCudnn.cudnnSetConvolution2dDescriptor(convolution, 1, 1, 2, 2, 1, 1, mode, type));
    check(JCudnn.cudnnSetConvolutionMathType(convolution, cudnnMathType.CUDNN_FMA_MATH));
    int algorithm = cudnnConvolutionFwdAlgo.CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_PRECOMP_GEMM;
    long[] size = new long[1];
    check(
        JCudnn.cudnnGetConvolutionForwardWorkspaceSize(
            handle, in, filter, convolution, out, algorithm, size));
    CUdeviceptr workspace = allocate((int) size[0] / Sizeof.FLOAT);
    CUdeviceptr deviceX = upload(x);
    CUdeviceptr deviceW = upload(w);
    CUdeviceptr deviceY = allocate(outHeight * outWidth * outputs);
    check(
        JCudnn.cudnnConvolutionForward(
            handle,
            Pointer.to(new float[] {1}),
            in,
            deviceX,
            filter,
            deviceW,
            convolution,
            algorithm,
            workspace,
            size[0],
            Pointer.to(new float[] {0}),
            out,
            deviceY));
    float[] y = download(deviceY, outHeight * outWidth * outputs);
    for (int p = 0; p < outHeight * outWidth; p++) {
      for (int o = 0; o < outputs; o++) {
        double sum = 0;
        for (int tap = 0; tap < 9; tap++) {
          int row = p / outWidth * 2 + tap / 3 - 1;
          int column = p % outWidth * 2 + tap % 3 - 1;
          if (row < 0 || row >= height || column < 0 || column >= width) {
            continue;
          }
          for (int c = 0; c < channels; c++) {
            sum += x[(row * width + column) * channels + c] * w[(o * 9 + tap) * channels + c];
          }
        }
        assertEquals(sum, y[p * outputs + o], 1e-5, "pixel " + p + " output " + o);
      }
    }
    check(JCudnn.cudnnDestroyConvolutionDescriptor(convolution));
    check(JCudnn.cudnnDestroyFilterDescriptor(filter));
    check(JCudnn.cudnnDestroyTensorDescriptor(out));
    check(JCudnn.cudnnDestroyTensorDescriptor(in));
    check(JCudnn.cudnnDestroy(handle));
    for (CUdeviceptr p : Arrays.asList(workspace, deviceX, deviceW, deviceY)) {
      check(cuMemFree(p));
    }
  }

  @Test
  void transforms() {
    int length = 400;
    int batch = 3;
    int bins = length / 2 + 1;
    float[] x = waves(length * batch, 5);
    CUdeviceptr in = upload(x);
    CUdeviceptr out = allocate(2 * bins * batch);
    cufftHandle plan = new cufftHandle();
    check(JCufft.cufftPlan1d(plan, length, cufftType.CUFFT_R2C, batch));
    check(JCufft.cufftExecR2C(plan, in, out));
    float[] y = download(out, 2 * bins * batch);
    for (int b = 0; b < batch; b++) {
      for (int bin = 0; bin < bins; bin++) {
        double re = 0;
        double im = 0;
        for (int i = 0; i < length; i++) {
          double angle = -2 * Math.PI * bin * i / length;
          re += x[b * length + i] * Math.cos(angle);
          im += x[b * length + i] * Math.sin(angle);
        }
        assertEquals(re, y[2 * (b * bins + bin)], 1e-4, "bin " + bin);
        assertEquals(im, y[2 * (b * bins + bin) + 1], 1e-4, "bin " + bin);
      }
    }
    check(JCufft.cufftDestroy(plan));
    check(cuMemFree(in));
    check(cuMemFree(out));
  }

  private static float[] waves(int count, int seed) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) Math.sin(1.3 * seed + 0.7 * i * seed);
    }
    return values;
  }
}
