// Two-dimensional convolution as an implicit matrix product, with everything that follows it fused: what its kernels share.
//
//   y[f][t][o] = clamp(bias[o] + residual[f][t][o] + sum over kf, kt, i of
//                      weight[kf][kt][i][o] * x[f * strideF + kf - padF][t * strideT + dilation * kt - padT][i]),
//   padF = (kernelF - 1) / 2, padT = dilation * (kernelT - 1) / 2, y zero in gap columns; x zero outside its F x W, or, where
//   the table of clips is given, mirrored at the first and last column of the clip that t belongs to
//
// Letters: I and O channels; F x W input, FO x WO output positions; K = kernelF * kernelT * I, the inner extent.
// Layout: NHWC views; weights (K, O), i.e. (KF, KT, I, O), of the storage type.
// Preconditions: I and O are multiples of 8; y may be the residual, and overlaps nothing else.
//   An output is summed over the inner extent in an order that the method alone fixes: from first to last, or in conv_mma's
//   split kernels in four parts. So its value depends on its neighbourhood alone; and all tile sizes of one method give the
//   same bits, so the tile may be chosen by the extent of the row.
#pragma once

struct ConvParams {
  const void* x;          // view (F, W, I)
  const void* weights;    // (K, O)
  const float* bias;      // (O)
  const void* residual;   // view (FO, WO, O) or null
  const int* columnClip;  // (WO)
  const Clip* clips;      // (N), or null: beyond its ends a clip is zero
  void* y;                // view (FO, WO, O)
  int xStride;
  int residualStride;
  int yStride;
  int F;
  int W;
  int I;
  int FO;
  int WO;
  int O;
  int kernelF;
  int kernelT;
  int strideF;
  int strideT;
  int dilation;    // along time
  int timeStride;  // of x
  Clamp clamp;
};

// Walks the inner extent in pieces of neighbouring input channels: which tap and which channels come next.
struct InnerCursor {
  int piece;  // of the tap's input channels
  int kf;
  int kt;

  __device__ __forceinline__ void advance(int pieces, int by, int kernelT) {
    piece += by;
    while (piece >= pieces) {
      piece -= pieces;
      kt++;
      if (kt == kernelT) {
        kt = 0;
        kf++;
      }
    }
  }
};

// Columns that the kernel reaches to each side of its centre.
__device__ __forceinline__ int radiusT(const ConvParams& p) { return p.dilation * (p.kernelT - 1) / 2; }

// An output pixel, as the position its kernel window begins at.
struct Window {
  int f;
  int t;
  bool exists;
};

__device__ __forceinline__ Window windowOf(const ConvParams& p, int pixel) {
  const int fo = pixel / p.WO;
  const int to = pixel - fo * p.WO;
  return {fo * p.strideF - (p.kernelF - 1) / 2, to * p.strideT - radiusT(p), fo < p.FO};
}

// Where column t lies once it is mirrored at the ends of the clip that the window belongs to; outside of x if to none.
__device__ __forceinline__ int mirrored(const ConvParams& p, const Window& window, int t) {
  const int clip = p.columnClip[(window.t + radiusT(p)) / p.strideT];
  if (clip == GAP) {
    return -1;
  }
  const Columns own = columnsAt(p.clips[clip], p.timeStride);
  const int last = own.first + own.count - 1;
  return t < own.first ? 2 * own.first - t : (t > last ? 2 * last - t : t);
}

// The piece of PIECE input channels under a tap, or null where the input is zero.
template <typename T, int PIECE>
__device__ __forceinline__ const T* inputAt(const ConvParams& p, const Window& window, const InnerCursor& k) {
  const int f = window.f + k.kf;
  const int unbounded = window.t + k.kt * p.dilation;
  const int t = p.clips == nullptr ? unbounded : mirrored(p, window, unbounded);
  const bool inside = window.exists && k.kf < p.kernelF && f >= 0 && f < p.F && t >= 0 && t < p.W;
  return inside ? static_cast<const T*>(p.x) + (static_cast<long long>(f) * p.W + t) * p.xStride + k.piece * PIECE
                : nullptr;
}

template <typename T>
__device__ __forceinline__ void load8OrZero(const T* p, float (&v)[8]) {
  if (p != nullptr) {
    load8(p, v);
  } else {
#pragma unroll
    for (int j = 0; j < 8; j++) {
      v[j] = 0.0f;
    }
  }
}

// Bias, residual, clip and mask of the octet of channels o.. of one output pixel.
template <typename T>
__device__ __forceinline__ void finishOctet(const ConvParams& p, int pixel, int o, float (&sum)[8]) {
  if (p.columnClip[pixel % p.WO] == GAP) {
#pragma unroll
    for (int j = 0; j < 8; j++) {
      sum[j] = 0.0f;
    }
  } else {
    float bias[8];
    float residual[8];
    load8(p.bias + o, bias);
    load8OrZero(p.residual == nullptr ? nullptr
                                      : static_cast<const T*>(p.residual) +
                                            static_cast<long long>(pixel) * p.residualStride + o,
                residual);
#pragma unroll
    for (int j = 0; j < 8; j++) {
      sum[j] = clamped(sum[j] + bias[j] + residual[j], p.clamp);
    }
  }
  store8(static_cast<T*>(p.y) + static_cast<long long>(pixel) * p.yStride + o, sum);
}
