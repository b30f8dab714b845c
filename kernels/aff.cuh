// Attentional feature fusion: what its kernels share. Formula and letters: aff.cu.
#pragma once

struct AffParams {
  const void* x;             // view (F, W, C)
  const void* y;             // view (F, W, C)
  const void* squeeze;       // (2C, R)
  const float* squeezeBias;  // (R)
  const void* expand;        // (R, C)
  const float* expandBias;   // (C)
  const int* columnClip;     // (W)
  void* out;                 // view (F, W, C)
  int xStride;
  int yStride;
  int outStride;
  int P;
  int W;
  int C;
  int R;
  int tile;  // pixels per block
};

// x (1 + a) + y (1 - a) with a = tanh(gate).
__device__ __forceinline__ float blended(float x, float y, float gate) {
  const float a = tanhf(gate);
  return fmaf(y, 1.0f - a, x * (1.0f + a));
}

__device__ __forceinline__ void storePair(float* p, float a, float b) {
  *reinterpret_cast<float2*>(p) = make_float2(a, b);
}
__device__ __forceinline__ void storePair(__half* p, float a, float b) {
  *reinterpret_cast<unsigned*>(p) = packHalves(a, b);
}
