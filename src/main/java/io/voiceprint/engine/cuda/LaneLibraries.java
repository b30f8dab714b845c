package io.voiceprint.engine.cuda;

import io.voiceprint.cuda.CublasGemm;
import io.voiceprint.cuda.CudaStream;
import io.voiceprint.cuda.CudnnHandle;
import io.voiceprint.cuda.CufftPlan;
import java.util.ArrayList;
import java.util.List;

/**
 * cuDNN, cuBLAS and cuFFT on a lane's stream, opened when a plan first needs them and kept for all
 * plans of the lane; the context closes them with the engine. None has scratch memory of its own:
 * that is part of a row's. What is made for the sizes of one row is in {@link RowLibraries}.
 */
final class LaneLibraries {
  private final CudaStream stream;
  private final List<CufftPlan> transforms = new ArrayList<>();
  private CudnnHandle cudnn;
  private CublasGemm cublas;

  LaneLibraries(CudaStream stream) {
    this.stream = stream;
  }

  CudnnHandle cudnn() {
    if (cudnn == null) {
      cudnn = new CudnnHandle(stream);
    }
    return cudnn;
  }

  CublasGemm gemm() {
    if (cublas == null) {
      cublas = new CublasGemm(stream);
    }
    return cublas;
  }

  /** Transforms of a number that {@link FramePieces} asks for: one for each length. */
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
