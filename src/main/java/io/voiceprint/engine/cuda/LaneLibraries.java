package io.voiceprint.engine.cuda;

import io.voiceprint.cuda.CublasGemm;
import io.voiceprint.cuda.CudaContext;
import io.voiceprint.cuda.CudaStream;
import io.voiceprint.cuda.CudnnConvolution;
import io.voiceprint.cuda.CudnnHandle;
import io.voiceprint.cuda.CufftPlan;
import io.voiceprint.cuda.MathMode;
import java.util.ArrayList;
import java.util.List;

/**
 * cuDNN, cuBLAS and cuFFT on a lane's stream, opened when a plan first needs them. What is made for
 * one shape is kept for all plans of the lane; the context closes everything with the engine.
 */
final class LaneLibraries {
  private final CudaStream stream;
  private final GemmWorkspace workspace;
  private final List<CudnnConvolution> convolutions = new ArrayList<>();
  private final List<CufftPlan> transforms = new ArrayList<>();
  private CudnnHandle cudnn;
  private CublasGemm cublas;

  LaneLibraries(CudaContext context, CudaStream stream) {
    this(stream, new GemmWorkspace(context, stream.name()));
  }

  private LaneLibraries(CudaStream stream, GemmWorkspace workspace) {
    this.stream = stream;
    this.workspace = workspace;
  }

  /** Others, to record on a stream what will then run on the lane's. */
  LaneLibraries recordingOn(CudaStream recorded) {
    return new LaneLibraries(recorded, workspace);
  }

  CudnnConvolution convolution(MathMode mode, CudnnConvolution.Shape shape) {
    for (CudnnConvolution known : convolutions) {
      if (known.shape().equals(shape)) {
        return known;
      }
    }
    if (cudnn == null) {
      cudnn = new CudnnHandle(stream);
    }
    CudnnConvolution convolution = new CudnnConvolution(cudnn, mode, shape);
    convolutions.add(convolution);
    return convolution;
  }

  CublasGemm gemm() {
    if (cublas == null) {
      cublas = new CublasGemm(stream, workspace.memory());
    }
    return cublas;
  }

  CufftPlan transform(int length, int batch) {
    for (CufftPlan known : transforms) {
      if (known.length() == length && known.batch() == batch) {
        return known;
      }
    }
    CufftPlan transform = new CufftPlan(stream, length, batch);
    transforms.add(transform);
    return transform;
  }
}
