// Two-dimensional cross-correlation for any strides of the tensors.
#pragma once
#include "gemm.h"

namespace simcuda {

/** Extents and element strides of a tensor (N, C, H, W), or of a filter (O, I, R, S). */
struct Layout {
  Scalar type;
  size_t extent[4], stride[4];

  size_t elements_spanned() const {
    size_t last = 0;
    for (int i = 0; i < 4; i++) last += (extent[i] - 1) * stride[i];
    return last + 1;
  }
  size_t index(size_t a, size_t b, size_t c, size_t d) const { return a * stride[0] + b * stride[1] + c * stride[2] + d * stride[3]; }
};

struct Convolution {
  Layout x, w, y;
  long pad[2];
  size_t stride[2], dilation[2], groups;
  bool flipped;  // a true convolution, not a correlation
  bool tf32;
};

/** y[i] = finish(old value of y[i] if `reads_y`, sum, output channel). */
struct Epilogue {
  float alpha, beta;
  const void* z;     // added as alpha2 * z, of y's layout, or null
  float alpha2;
  const void* bias;  // per output channel, of y's type, or null
  bool relu;
};

void convolve(const Convolution& c, const void* x, const void* w, void* y, const Epilogue& epilogue);

}  // namespace simcuda
