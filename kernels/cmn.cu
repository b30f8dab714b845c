// Cepstral mean normalisation: y[t][b] = x[t][b] - mean over the clip's frames of x[.][b], in place.
//
// Letters: W columns, B mel bins. Layout: features (W, B), time-major. Gap columns are not touched (they are zero).
// Launch: block (B, 8), grid (clips), shared 8 * B FixedSum.
// Preconditions: B <= 128. Sums are exact (cmn.cuh), so the result depends on the clip alone and silence gives exactly zero.
#include "common.cuh"
#include "cmn.cuh"

extern "C" __global__ void cmn(const Clip* __restrict__ clips,  // (clips)
                               float* __restrict__ features     // (W, B)
) {
  DYNAMIC_SHARED(FixedSum, partial);  // (slices, B)
  const Clip clip = clips[blockIdx.x];
  const int bins = blockDim.x;
  const int slices = blockDim.y;
  const int bin = threadIdx.x;
  float* column = features + static_cast<long long>(clip.firstColumn) * bins + bin;

  // Unrolled so that several loads are under way: one clip has one block, which waits for nothing else.
  FixedSum sum = 0;
#pragma unroll 8
  for (int t = threadIdx.y; t < clip.frames; t += slices) {
    sum += toFixed(column[static_cast<long long>(t) * bins]);
  }
  partial[threadIdx.y * bins + bin] = sum;
  __syncthreads();

  FixedSum total = 0;
  for (int slice = 0; slice < slices; slice++) {
    total += partial[slice * bins + bin];
  }
#pragma unroll 8
  for (int t = threadIdx.y; t < clip.frames; t += slices) {
    float* x = column + static_cast<long long>(t) * bins;
    *x = centred(*x, total, clip.frames);
  }
}
