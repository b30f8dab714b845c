#include "gemm.h"

#include "../include/simcuda/half.h"

namespace simcuda {

float load(Scalar type, const void* base, size_t index) {
  return type == Scalar::F32 ? static_cast<const float*>(base)[index] : half_to_float(static_cast<const uint16_t*>(base)[index]);
}

void store(Scalar type, void* base, size_t index, float value) {
  if (type == Scalar::F32) {
    static_cast<float*>(base)[index] = value;
  } else {
    static_cast<uint16_t*>(base)[index] = float_to_half(value);
  }
}

float to_tf32(float value) {
  const uint32_t all = bits<uint32_t>(value);
  if ((all & 0x7f800000u) == 0x7f800000u) return value;
  return bits<float>((all + 0x1000u) & ~0x1fffu);
}

__attribute__((target_clones("arch=haswell", "default"))) void multiply_rows(const float* a, const PackedColumns& b, float* c) {
  const size_t groups = (b.columns + TILE_COLUMNS - 1) / TILE_COLUMNS, width = groups * TILE_COLUMNS, k = b.k;
  for (size_t group = 0; group < groups; group++) {
    typedef float Vector __attribute__((vector_size(32)));
    Vector sum[TILE_ROWS][2] = {};
    const float* column = b.values.data() + group * k * TILE_COLUMNS;
    for (size_t i = 0; i < k; i++) {
      Vector low, high;
      memcpy(&low, column + i * TILE_COLUMNS, sizeof low);
      memcpy(&high, column + i * TILE_COLUMNS + 8, sizeof high);
      for (int r = 0; r < TILE_ROWS; r++) {
        const float v = a[i * TILE_ROWS + static_cast<size_t>(r)];
        sum[r][0] += low * v;
        sum[r][1] += high * v;
      }
    }
    for (size_t r = 0; r < TILE_ROWS; r++) memcpy(c + r * width + group * TILE_COLUMNS, sum[r], sizeof sum[r]);
  }
}

}  // namespace simcuda
