package io.voiceprint.engine.cuda;

import io.voiceprint.cuda.CublasGemm;
import io.voiceprint.cuda.CudnnConvolution;
import io.voiceprint.cuda.CufftPlan;
import io.voiceprint.cuda.MathMode;
import java.util.ArrayList;
import java.util.List;

/**
 * A lane's libraries for one row, with what was made for its sizes, which must be given back with
 * the row: utterances of minutes come in any length. A CUDA graph needs none of it any more.
 */
final class RowLibraries implements AutoCloseable {
  private final LaneLibraries lane;
  private final List<CudnnConvolution> convolutions = new ArrayList<>();
  private final List<Runnable> preparations = new ArrayList<>();

  RowLibraries(LaneLibraries lane) {
    this.lane = lane;
  }

  CudnnConvolution convolution(MathMode mode, CudnnConvolution.Shape shape) {
    for (CudnnConvolution known : convolutions) {
      if (known.shape().equals(shape)) {
        return known;
      }
    }
    CudnnConvolution convolution = new CudnnConvolution(lane.cudnn(), mode, shape);
    convolutions.add(convolution);
    return convolution;
  }

  CublasGemm gemm() {
    return lane.gemm();
  }

  CufftPlan transform(int length, int batch) {
    return lane.transform(length, batch);
  }

  /** Keeps what {@link #prepare} is to do for a launch. */
  void beforeCapture(Runnable preparation) {
    preparations.add(preparation);
  }

  /** Does what the row's launches would do themselves, but may not while they are captured. */
  void prepare() {
    preparations.forEach(Runnable::run);
  }

  @Override
  public void close() {
    convolutions.forEach(CudnnConvolution::close);
    convolutions.clear();
  }
}
